-- Feature flags of one context: for one tenant, or by the nil tenant for all that have none of their own.

-- migrate:up
create table flag (
    tenant uuid not null,
    name   text not null check (name ~ '^[a-z][a-z0-9-]{0,62}$'),
    value  jsonb not null check (jsonb_typeof(value) in ('boolean', 'string')),
    at     timestamptz not null default clock_timestamp(),
    primary key (tenant, name)
);
select protect('flag', 'select');

-- migrate:down
drop table flag;
