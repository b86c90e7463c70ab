-- Signed heads of the audit chain: where it stood, each minute in which it moved. Only ever added to.

-- migrate:up
create table audit_head (
    tenant uuid not null,
    seq    bigint not null,
    hash   bytea not null,       -- of the link with this number
    signed text not null,        -- the same as a JWS that nobody makes who has the database alone
    at     timestamptz not null default clock_timestamp(),
    primary key (tenant, seq)
);
select protect('audit_head', 'select', 'select, insert');

-- migrate:down
drop table audit_head;
