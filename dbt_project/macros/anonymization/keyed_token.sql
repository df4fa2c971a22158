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

{#-
  What a user id's ledger token is made of: the id as it is, unless it begins as another kind's text does. Whoever signs up as
  `email:ann@example.com` is not Ann's address. The kinds are those of identifier_kinds.
-#}
{% macro user_token_text(identifier) -%}
    regexp_replace(
        {{ identifier }}, '^(user_id|anonymous_id|email|phone|device_id|advertising_id):', 'user_id:\1:'
    )
{%- endmacro %}
