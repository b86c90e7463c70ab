-- The life of an appointment: asked for, held, moved, missed; rooms and seats.

-- migrate:up

alter table calendar
    drop constraint calendar_status_check,
    add constraint calendar_status_check check (
        status in ('requested', 'held', 'booked', 'cancelled', 'declined', 'missed', 'fulfilled')),
    -- Of what excludes others; what is over and took place, or should have, keeps its time.
    add column takes_time boolean not null generated always as (status not in ('cancelled', 'declined')) stored,
    add column room uuid,
    add column appointment_type uuid,
    -- A place in a group's session: it takes its patient's time only. The session's own row takes the therapist's and
    -- the room's, and has no patient.
    add column seat       boolean not null default false,
    add column sequence   int not null default 0, -- how often it was moved
    add column lapses_at  timestamptz, -- until when a request is answered, or a hold is taken up
    add column updated_at timestamptz not null default now(),
    alter column patient drop not null,
    drop constraint calendar_therapist_free,
    drop constraint calendar_patient_free;
alter table calendar
    add constraint calendar_seat_patient check (patient is not null or not seat),
    add constraint calendar_therapist_free
        exclude using gist (tenant with =, therapist with =, held with &&) where (takes_time and not seat),
    add constraint calendar_patient_free
        exclude using gist (tenant with =, patient with =, during with &&) where (takes_time and not doubled),
    add constraint calendar_room_free
        exclude using gist (tenant with =, room with =, during with &&) where (takes_time and not seat);
create index calendar_lapses on calendar (lapses_at) where lapses_at is not null;

create or replace function keep_limit(of_therapist uuid, since timestamptz, until timestamptz, most int) returns void
language plpgsql as $$
begin
    if (select count(*) from calendar
        where tenant = current_setting('app.tenant')::uuid and therapist = of_therapist
          and takes_time and not seat and starts_at >= since and starts_at < until) > most then
        raise exception 'one too many' using errcode = 'check_violation', constraint = 'calendar_within_limit';
    end if;
end $$;

-- migrate:down
create or replace function keep_limit(of_therapist uuid, since timestamptz, until timestamptz, most int) returns void
language plpgsql as $$
begin
    if (select count(*) from calendar
        where tenant = current_setting('app.tenant')::uuid and therapist = of_therapist
          and status = 'booked' and starts_at >= since and starts_at < until) > most then
        raise exception 'one too many' using errcode = 'check_violation', constraint = 'calendar_within_limit';
    end if;
end $$;
drop index calendar_lapses;
alter table calendar
    drop constraint calendar_therapist_free,
    drop constraint calendar_patient_free,
    drop constraint calendar_room_free,
    drop constraint calendar_seat_patient,
    drop constraint calendar_status_check,
    drop column takes_time,
    drop column room,
    drop column appointment_type,
    drop column seat,
    drop column sequence,
    drop column lapses_at,
    drop column updated_at,
    alter column patient set not null;
alter table calendar
    add constraint calendar_status_check check (status in ('booked', 'cancelled')),
    add constraint calendar_therapist_free
        exclude using gist (tenant with =, therapist with =, held with &&) where (status = 'booked'),
    add constraint calendar_patient_free
        exclude using gist (tenant with =, patient with =, during with &&) where (status = 'booked' and not doubled);
