-- What a quarter's buyers paid, by country and plan. The rows of a quarter and currency add up to its total: small
-- countries and plans are merged, not missing, so a total by country is the sum of its rows.
select
    ordered_quarter_on,
    currency_code,
    country_code,
    plan,
    buyers,
    revenue,
    round(100.0 * revenue / sum(revenue) over (partition by ordered_quarter_on, currency_code)) as percent_of_quarter
from research.research_revenue
order by ordered_quarter_on asc, currency_code asc, revenue desc
