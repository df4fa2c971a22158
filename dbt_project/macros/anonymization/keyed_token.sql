{#-
  HMAC-SHA256 of a text, 64 hexadecimal digits. The pads come from the session, never from SQL text:
  a compiled model, a log line or pg_stat_statements holds their names only. Fails where they are not set.
  RFC 2104; the same as privacy_governance.keys.Keys.token.
-#}
{% macro keyed_token(expression, purpose) -%}
    encode(sha256(
        (select decode(current_setting('governance.{{ purpose }}_opad'), 'hex'))
        || sha256(
            (select decode(current_setting('governance.{{ purpose }}_ipad'), 'hex'))
            || convert_to({{ expression }}, 'UTF8')
        )
    ), 'hex')
{%- endmacro %}

{#- The date of the night that is running; compiled SQL is the same every night. -#}
{% macro night() -%}
    current_setting('governance.night')::date
{%- endmacro %}
