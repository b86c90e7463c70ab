-- A context's copy of what binds clinicians to patients; one that holds patients' data calls this in a migration.

-- migrate:up
create function follow_ties() returns void language plpgsql as $$
begin
    -- `via`: the care that a supervisor reads along with, the nil UUID for what binds by itself.
    create table tie (
        tenant  uuid not null default current_setting('app.tenant')::uuid,
        kind    text not null check (kind in ('care', 'supervision', 'break-glass')),
        id      uuid not null,
        via     uuid not null,
        holder  uuid not null,
        subject uuid not null,
        since   timestamptz not null,
        until   timestamptz,
        primary key (tenant, kind, id, via)
    );
    create index tie_between on tie (tenant, holder, subject);
    create index tie_via on tie (tenant, via) where kind = 'supervision';
    perform protect('tie');

    -- When identity last confirmed all ties of a clinician.
    create table tie_checked (
        tenant     uuid not null default current_setting('app.tenant')::uuid,
        holder     uuid not null,
        checked_at timestamptz not null,
        primary key (tenant, holder)
    );
    perform protect('tie_checked');
end $$;

-- migrate:down
drop function follow_ties;
