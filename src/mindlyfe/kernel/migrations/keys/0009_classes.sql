-- Keys of a person for classes of data that their own key does not open.
-- Runs as keys_owner.

-- migrate:up
create table class_key (
    tenant    uuid not null,
    person    uuid not null,
    class     text not null,
    wrapped   bytea, -- under the tenant's key for this class; null once erased
    made_at   timestamptz not null default clock_timestamp(),
    erased_at timestamptz,
    primary key (tenant, person, class),
    check ((wrapped is null) = (erased_at is not null))
);
grant select, insert, update on class_key to keys_app;

-- migrate:down
drop table class_key;
