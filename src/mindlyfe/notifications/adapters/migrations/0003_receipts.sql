-- migrate:up
alter table delivery
    add column receipt text,
    add column receipt_at timestamptz;
create index delivery_dead on delivery (tenant, requested_at, id) where status = 'dead';

-- Addresses at which nothing arrives, by their keyed digest.
create table bounce (
    tenant    uuid not null default current_setting('app.tenant')::uuid,
    address   text not null,
    recipient uuid not null,
    delivery  uuid not null,
    code      text not null,
    at        timestamptz not null,
    primary key (tenant, address)
);
create index bounce_recipient on bounce (recipient);
select protect('bounce');

-- migrate:down
drop table bounce;
drop index delivery_dead;
alter table delivery drop column receipt_at, drop column receipt;
