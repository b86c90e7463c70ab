-- The waiting list.

-- migrate:up

-- Who waits, and what suits them. Why it is urgent is sealed in the stream.
create table waiting (
    tenant     uuid not null default current_setting('app.tenant')::uuid,
    wait       uuid not null,
    patient    uuid not null,
    therapist  uuid,
    team       uuid,
    wishes     jsonb not null,
    status     text not null check (status in ('waiting', 'paused', 'met', 'left', 'removed')),
    urgency    text not null default 'routine' check (urgency in ('routine', 'soon', 'urgent')),
    since      timestamptz not null,
    present_at timestamptz not null, -- joined or resumed: offers left unanswered before do not count
    version    int not null,
    primary key (tenant, wait)
);
create unique index waiting_once on waiting (tenant, patient) where status in ('waiting', 'paused');
create index waiting_of_patient on waiting (tenant, patient, since, wait);
create index waiting_since on waiting (tenant, since, wait) where status in ('waiting', 'paused');
select protect('waiting');

-- When a clinic's list is next gone through for slots to offer.
create table waiting_round (
    tenant uuid primary key default current_setting('app.tenant')::uuid,
    due_at timestamptz not null
);
select protect('waiting_round');

-- migrate:down
drop table waiting_round, waiting;
