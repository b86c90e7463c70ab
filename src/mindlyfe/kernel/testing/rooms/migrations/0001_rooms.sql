-- migrate:up
create table reservation (
    tenant      uuid not null default current_setting('app.tenant')::uuid,
    reservation uuid not null,
    guest       uuid not null,
    room        uuid not null,
    during      tstzrange not null,
    primary key (tenant, reservation),
    constraint room_free exclude using gist (tenant with =, room with =, during with &&),
    constraint guest_free exclude using gist (tenant with =, guest with =, during with &&)
);
create index reservation_of_guest on reservation (tenant, guest);
select protect('reservation');

create table visits (
    tenant uuid not null default current_setting('app.tenant')::uuid,
    guest  uuid not null,
    times  int not null,
    primary key (tenant, guest)
);
select protect('visits');

-- migrate:down
drop table visits, reservation;
