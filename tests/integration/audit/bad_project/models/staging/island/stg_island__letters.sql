-- the query is text: where its columns come from, nobody can tell; and analysts have no business in staging
{{ config(grants={"select": ["analyst"]}) }}

select answer.letter
from query_to_xml('select * from raw.island', true, false, '') as answer (letter)
