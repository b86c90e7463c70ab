-- migrate:up
create table delivery (
    tenant          uuid not null default current_setting('app.tenant')::uuid,
    id              uuid primary key,
    kind            text not null,
    recipient       uuid,
    status          text not null,
    attempts        int not null,
    version         int not null,
    requested_at    timestamptz not null,
    next_attempt_at timestamptz,
    sent_at         timestamptz,
    last_error      text not null default '',
    correlation     text not null
);
create index delivery_due on delivery (next_attempt_at) where status = 'waiting';
create index delivery_listed on delivery (tenant, requested_at, id);
create index delivery_recipient on delivery (tenant, recipient, requested_at, id);
select protect('delivery');

-- A lease is a sender's claim, not a fact: it is not rebuilt with the read model. One that is lost may send a mail twice,
-- with one Message-ID.
create table lease (
    tenant   uuid not null default current_setting('app.tenant')::uuid,
    delivery uuid primary key,
    until    timestamptz not null
);
select protect('lease');

-- migrate:down
drop table lease;
drop table delivery;
