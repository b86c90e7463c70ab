-- migrate:up
create table notice (
    tenant      uuid not null default current_setting('app.tenant')::uuid,
    id          uuid primary key,
    recipient   uuid not null,
    kind        text not null,
    about       uuid not null,
    happened_at timestamptz,
    mark        text not null,
    -- Its place in the list. Of what is snoozed: when it comes back.
    stands_at   timestamptz not null,
    arrived_at  timestamptz not null,
    seen_at     timestamptz,
    place       bigint not null,
    version     int not null
);
create index notice_listed on notice (tenant, recipient, stands_at, id);
create index notice_unread on notice (tenant, recipient) where mark in ('unread', 'snoozed');
create index notice_place on notice (tenant, recipient, place);
select protect('notice');

-- How many changes there were to somebody's notices. Whoever changes one writes this row, so places are given in the order of
-- commits: who has seen all up to a place misses nothing.
create table notice_count (
    tenant    uuid not null default current_setting('app.tenant')::uuid,
    recipient uuid not null,
    changes   bigint not null,
    primary key (tenant, recipient)
);
select protect('notice_count');

-- migrate:down
drop table notice_count;
drop table notice;
