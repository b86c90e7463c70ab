-- Whose notes are in custody, and who keeps them; tasks of the staff.

-- migrate:up

-- Who left, as identity told us. Who comes back stays here: whether they belong to the clinic is asked when it matters.
create table leaver (
    tenant  uuid not null default current_setting('app.tenant')::uuid,
    person  uuid not null,
    left_at timestamptz not null,
    primary key (tenant, person)
);
select protect('leaver');

-- To whom a note of somebody who left was handed over.
alter table note add column keeper uuid;
alter table psychotherapy_note add column keeper uuid;
create index note_in_custody on note (tenant, author, started_at, note) where keeper is null;
create index psychotherapy_note_kept on psychotherapy_note (tenant, keeper) where keeper is not null;

create index encounter_finished on encounter (ended_at) where stage = 'finished';
create index note_of_appointment on note (tenant, appointment) where appointment is not null;

-- What somebody is to do. Why, in words, is sealed in its stream.
create table task (
    tenant     uuid not null default current_setting('app.tenant')::uuid,
    task       uuid not null,
    kind       text not null,
    about      uuid not null, -- the appointment, episode, person or plan that it is about
    patient    uuid,
    role       text,          -- whose task it is, unless it is one person's
    assignee   uuid,
    claimed_by uuid,
    opened_at  timestamptz not null,
    due_at     timestamptz not null,
    closed_at  timestamptz,
    outcome    text,
    version    int not null,
    primary key (tenant, task),
    constraint task_is_somebodys check (role is not null or assignee is not null)
);
create index task_of_person on task (tenant, assignee, due_at, task) where closed_at is null;
create index task_of_role on task (tenant, role, due_at, task) where closed_at is null;
create index task_of_patient on task (tenant, patient);
create index task_about on task (tenant, about, kind);
create index task_open on task (opened_at) where closed_at is null;
select protect('task');

-- migrate:down
drop table task;
drop index note_of_appointment, encounter_finished;
alter table psychotherapy_note drop column keeper;
alter table note drop column keeper;
drop table leaver;
