-- What a clinic keeps for its appointments: their types, its rooms, and sessions of groups.

-- migrate:up
create table appointment_type (
    tenant           uuid not null default current_setting('app.tenant')::uuid,
    appointment_type uuid not null,
    name             text not null,
    minutes          int not null,
    bookable_by      text not null check (bookable_by in ('patients', 'staff')),
    version          int not null,
    primary key (tenant, appointment_type)
);
select protect('appointment_type');

create table room (
    tenant   uuid not null default current_setting('app.tenant')::uuid,
    room     uuid not null,
    name     text not null,
    capacity int not null,
    version  int not null,
    primary key (tenant, room)
);
select protect('room');

-- A session of a group takes its therapist's time and its room by a row of the calendar that has its id. Whoever
-- takes part has a row of their own there, and no more seats are taken than there are.
create table group_session (
    tenant        uuid not null default current_setting('app.tenant')::uuid,
    group_session uuid not null,
    therapist     uuid not null,
    title         text not null,
    seats         int not null,
    taken         int not null default 0,
    primary key (tenant, group_session),
    constraint group_session_seats check (taken between 0 and seats)
);
select protect('group_session');

alter table calendar
    add column group_session uuid,
    add constraint calendar_seat_of check (seat = (patient is not null and group_session is not null));
create index calendar_of_group on calendar (tenant, group_session) where group_session is not null;
create index calendar_of_room on calendar (tenant, room, starts_at) where room is not null;

-- migrate:down
drop index calendar_of_room;
drop index calendar_of_group;
alter table calendar drop constraint calendar_seat_of, drop column group_session;
drop table group_session, room, appointment_type;
