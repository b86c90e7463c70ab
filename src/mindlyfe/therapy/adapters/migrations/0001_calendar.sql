-- Hours, the calendar, and our copy of who treats whom.

-- migrate:up

-- The hours in force of each therapist.
create table hours (
    tenant         uuid not null default current_setting('app.tenant')::uuid,
    therapist      uuid not null,
    zone           text not null,
    windows        int[] not null, -- rows of (ISO weekday, opens, closes), minutes since midnight by the clock of the zone
    minutes        int not null,
    notice_minutes int not null,
    horizon_days   int not null,
    version        int not null,
    primary key (tenant, therapist)
);
select protect('hours');

-- Every appointment. What is booked excludes whatever overlaps it, for its therapist and for its patient.
create table calendar (
    tenant      uuid not null default current_setting('app.tenant')::uuid,
    appointment uuid not null,
    patient     uuid not null,
    therapist   uuid not null,
    starts_at   timestamptz not null,
    minutes     int not null,
    during      tstzrange not null,
    status      text not null check (status in ('booked', 'cancelled')),
    late        boolean not null default false,
    version     int not null,
    primary key (tenant, appointment),
    constraint calendar_therapist_free
        exclude using gist (tenant with =, therapist with =, during with &&) where (status = 'booked'),
    constraint calendar_patient_free
        exclude using gist (tenant with =, patient with =, during with &&) where (status = 'booked')
);
create index calendar_of_patient on calendar (tenant, patient, starts_at, appointment);
create index calendar_of_therapist on calendar (tenant, therapist, starts_at, appointment);
create index calendar_of_clinic on calendar (tenant, starts_at, appointment);
select protect('calendar');

-- Who treats whom, as identity told us.
create table care (
    tenant    uuid not null default current_setting('app.tenant')::uuid,
    clinician uuid not null,
    patient   uuid not null,
    since     timestamptz not null,
    until     timestamptz,
    primary key (tenant, clinician, patient)
);
select protect('care');

-- When identity last confirmed all relations of a clinician.
create table care_checked (
    tenant     uuid not null default current_setting('app.tenant')::uuid,
    clinician  uuid not null,
    checked_at timestamptz not null,
    primary key (tenant, clinician)
);
select protect('care_checked');

-- migrate:down
drop table care_checked, care, calendar, hours;
