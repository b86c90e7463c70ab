-- Availability as data: schedules, dates that are otherwise, time off; room around appointments, limits of days and weeks.

-- migrate:up

drop table hours;

-- The version of all that a therapist has published.
create table availability (
    tenant    uuid not null default current_setting('app.tenant')::uuid,
    therapist uuid not null,
    version   int not null,
    primary key (tenant, therapist)
);
select protect('availability');

-- The schedules in force. Hours are in minutes since midnight by the clocks of the zone.
create table schedule (
    tenant         uuid not null default current_setting('app.tenant')::uuid,
    therapist      uuid not null,
    schedule       uuid not null,
    number         bigint not null, -- of the event that began it: they are shown in this order
    name           text not null,
    kind           text not null check (kind in ('video', 'on-site')),
    place          text not null,
    zone           text not null,
    windows        int[] not null, -- rows of (ISO weekday, opens, closes)
    days           int[] not null default '{}', -- rows of (days since 1970, opens, closes); a closed day has -1, -1
    minutes        int not null,
    step_minutes   int,
    before_minutes int not null,
    after_minutes  int not null,
    notice_minutes int not null,
    horizon_days   int not null,
    per_day        int,
    per_week       int,
    primary key (tenant, therapist, schedule)
);
select protect('schedule');

-- When therapists are away, by the clocks of a zone, and who stands in.
create table time_off (
    tenant    uuid not null default current_setting('app.tenant')::uuid,
    therapist uuid not null,
    time_off  uuid not null,
    number    bigint not null,
    zone      text not null,
    first     date not null,
    opens     int not null,
    last      date not null,
    closes    int not null,
    colleague uuid,
    primary key (tenant, therapist, time_off)
);
select protect('time_off');

-- Therapists of whom any one can be booked.
create table team (
    tenant  uuid not null default current_setting('app.tenant')::uuid,
    team    uuid not null,
    name    text not null,
    version int not null,
    primary key (tenant, team)
);
select protect('team');

create table team_member (
    tenant    uuid not null default current_setting('app.tenant')::uuid,
    team      uuid not null,
    therapist uuid not null,
    weight    int not null,
    place     int not null,
    primary key (tenant, team, therapist)
);
select protect('team_member');

-- Calendars elsewhere. Their addresses are secrets, and not here.
create table feed (
    tenant       uuid not null default current_setting('app.tenant')::uuid,
    feed         uuid not null,
    therapist    uuid not null,
    name         text not null,
    host         text not null,
    zone         text not null,
    all_day_busy boolean not null,
    primary key (tenant, feed)
);
select protect('feed');
create index feed_of_therapist on feed (tenant, therapist);

-- How the tries to read them went. Not from the log: it is seen again soon.
create table feed_health (
    tenant     uuid not null default current_setting('app.tenant')::uuid,
    feed       uuid not null,
    therapist  uuid not null,
    etag       text,
    read_at    timestamptz, -- when the busy times were read
    good_at    timestamptz, -- when they were last known to be right
    checked_at timestamptz not null,
    next_at    timestamptz not null,
    failures   int not null,
    trouble    text,
    primary key (tenant, feed)
);
select protect('feed_health');

-- The busy times they brought, seconds since 1970. Nothing else is kept of an event.
create table imported (
    tenant    uuid not null default current_setting('app.tenant')::uuid,
    feed      uuid not null,
    therapist uuid not null,
    begins    bigint not null,
    ends      bigint not null,
    primary key (tenant, feed, begins)
);
select protect('imported');
create index imported_of_therapist on imported (tenant, therapist, ends);

-- What a therapist needs around an appointment excludes others, too.
alter table calendar
    add column held tstzrange,
    add column schedule uuid;
update calendar set held = during;
alter table calendar
    alter column held set not null,
    drop constraint calendar_therapist_free,
    add constraint calendar_therapist_free
        exclude using gist (tenant with =, therapist with =, held with &&) where (status = 'booked');

-- Bookings that a limit applies to take turns: who comes second sees the first, or is told to try again.
create table turn (
    tenant    uuid not null default current_setting('app.tenant')::uuid,
    therapist uuid not null,
    taken     int not null,
    primary key (tenant, therapist)
);
select protect('turn');

-- Refuses what is one too many. Called after the appointment was written.
create function keep_limit(of_therapist uuid, since timestamptz, until timestamptz, most int) returns void
language plpgsql as $$
begin
    if (select count(*) from calendar
        where tenant = current_setting('app.tenant')::uuid and therapist = of_therapist
          and status = 'booked' and starts_at >= since and starts_at < until) > most then
        raise exception 'one too many' using errcode = 'check_violation', constraint = 'calendar_within_limit';
    end if;
end $$;

-- migrate:down
drop function keep_limit;
drop table turn;
alter table calendar
    drop constraint calendar_therapist_free,
    drop column held,
    drop column schedule,
    add constraint calendar_therapist_free
        exclude using gist (tenant with =, therapist with =, during with &&) where (status = 'booked');
drop table imported, feed_health, feed, team_member, team, time_off, schedule, availability;
create table hours (
    tenant         uuid not null default current_setting('app.tenant')::uuid,
    therapist      uuid not null,
    zone           text not null,
    windows        int[] not null,
    minutes        int not null,
    notice_minutes int not null,
    horizon_days   int not null,
    version        int not null,
    primary key (tenant, therapist)
);
select protect('hours');
