-- Merges of two accounts that one patient has in a clinic.

-- migrate:up

-- Ids and moments alone. It stays: an old id leads to the account that is left, and who is erased is erased under all.
create table merge (
    tenant      uuid not null default current_setting('app.tenant')::uuid,
    stream      uuid not null,
    id          uuid not null,
    duplicate   uuid not null,
    survivor    uuid not null,
    status      text not null check (status in ('proposed', 'declined', 'lapsed', 'running', 'completed')),
    proposed_at timestamptz not null,
    primary key (tenant, stream)
);
create index merge_order on merge (tenant, proposed_at, id);
create index merge_into on merge (tenant, survivor);
create index merge_due on merge (proposed_at) where status in ('proposed', 'running');
select protect('merge');

-- Who is part of a merge that is not over: of one at most.
create table merging (
    tenant uuid not null default current_setting('app.tenant')::uuid,
    person uuid not null,
    stream uuid not null,
    constraint merging_once primary key (tenant, person)
);
create index merging_stream on merging (tenant, stream);
select protect('merging');

-- migrate:down
drop table merging;
drop table merge;
