-- Calendar apps read a person's appointments at a secret address.

-- migrate:up

-- Of the address only a keyed digest is here.
create table subscription (
    tenant  uuid not null default current_setting('app.tenant')::uuid,
    person  uuid not null,
    digest  bytea, -- null: no address counts
    shows   text not null check (shows in ('busy', 'initials')),
    version int not null,
    primary key (tenant, person)
);
create unique index subscription_by_digest on subscription (tenant, digest);
select protect('subscription');

-- migrate:down
drop table subscription;
