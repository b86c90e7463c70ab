-- Slots kept for somebody for a while: offers to who waits, and holds while a form is filled in.

-- migrate:up

-- Each has a row in the calendar while it is open, under the same id. Of a hold that is over no row is left; an offer's
-- stays, because nobody is offered the same slot twice.
create table hold (
    tenant    uuid not null default current_setting('app.tenant')::uuid,
    hold      uuid not null,
    holder    uuid not null, -- who keeps it: of an offer, the patient
    patient   uuid not null,
    therapist uuid not null,
    starts_at timestamptz not null,
    minutes   int not null,
    wait      uuid, -- of an offer
    number    int, -- of a hold: 1 or 2
    until     timestamptz not null,
    outcome   text check (outcome in ('accepted', 'declined', 'expired', 'withdrawn')),
    ended_at  timestamptz,
    version   int not null,
    primary key (tenant, hold),
    constraint hold_two unique (tenant, holder, number)
);
create unique index hold_one_offer on hold (tenant, wait) where outcome is null;
create index hold_of_wait on hold (tenant, wait, starts_at);
create index hold_of_patient on hold (tenant, patient, starts_at);
create index hold_of_therapist on hold (tenant, therapist, starts_at);
create index hold_until on hold (until) where outcome is null;
select protect('hold');

-- migrate:down
drop table hold;
