-- Who is called until somebody answers; and the words that clinics put in place of the shipped ones.

-- migrate:up

create table escalation (
    tenant          uuid not null default current_setting('app.tenant')::uuid,
    id              uuid primary key,
    subject         uuid not null,
    opened_by       uuid not null,
    status          text not null check (status in ('calling', 'exhausted', 'acknowledged', 'closed')),
    round           int not null,
    called          uuid[] not null,
    ever_called     uuid[] not null,
    acknowledged_by uuid,
    due_at          timestamptz,
    opened_at       timestamptz not null,
    version         int not null,
    correlation     text not null
);
create index escalation_due on escalation (due_at) where due_at is not null;
create index escalation_listed on escalation (tenant, opened_at, id);
create index escalation_exhausted on escalation (tenant) where status = 'exhausted';
create index escalation_subject on escalation (tenant, subject);
select protect('escalation');

create table template (
    tenant   uuid not null default current_setting('app.tenant')::uuid,
    kind     text not null,
    channel  text not null,
    language text not null,
    number   int not null,
    subject  text not null,
    body     text not null,
    used     boolean not null,
    version  int not null,
    primary key (tenant, kind, channel, language, number)
);
select protect('template');

-- migrate:down
drop table template;
drop table escalation;
