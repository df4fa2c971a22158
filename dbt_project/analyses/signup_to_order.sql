-- How many of a month's sign-ups came back, and how many ordered, within four weeks; in percent of those who signed up.
-- A step is empty where it, or who fell out before it, would be fewer than k: empty is not zero.
select
    signed_up_month_on,
    signed_up,
    round(100.0 * active_within_4_weeks / signed_up) as percent_active,
    round(100.0 * ordered_within_4_weeks / signed_up) as percent_ordered
from research.research_signup_funnel
order by signed_up_month_on
