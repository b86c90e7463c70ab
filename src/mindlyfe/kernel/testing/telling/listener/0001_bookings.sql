-- What the listener knows of the teller's bookings.

-- migrate:up
create table booking (
    tenant      uuid not null default current_setting('app.tenant')::uuid,
    appointment uuid primary key,
    patient     uuid not null,
    therapist   uuid not null,
    moves       int not null default 0,
    applied     int not null default 1 -- how often an event was applied to it
);
select protect('booking');

-- migrate:down
drop table booking;
