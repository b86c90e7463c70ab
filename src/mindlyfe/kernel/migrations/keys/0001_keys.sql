-- The wrapped keys, in a database of their own: a backup of the records holds no key.
-- Runs as keys_owner.

-- migrate:up
create table tenant_key (
    tenant  uuid primary key,
    wrapped bytea not null, -- under the root key
    made_at timestamptz not null default clock_timestamp()
);
create table person_key (
    tenant    uuid not null,
    person    uuid not null,
    wrapped   bytea, -- under the tenant's key; null once erased
    made_at   timestamptz not null default clock_timestamp(),
    erased_at timestamptz,
    primary key (tenant, person),
    check ((wrapped is null) = (erased_at is not null))
);
grant select, insert on tenant_key to keys_app;
grant select, insert, update on person_key to keys_app;

-- migrate:down
drop table person_key, tenant_key;
