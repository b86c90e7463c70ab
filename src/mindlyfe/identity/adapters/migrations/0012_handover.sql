-- Handovers of caseloads that are under way.

-- migrate:up

-- Whose and what is in the log alone; a row goes when all of a handover is done.
create table handover (
    tenant     uuid not null default current_setting('app.tenant')::uuid,
    stream     uuid not null,
    ordered_at timestamptz not null,
    primary key (tenant, stream)
);
create index handover_order on handover (ordered_at);
select protect('handover');

-- migrate:down
drop table handover;
