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

-- What was done to one person's data, newest first.
create index audit_of_subject on audit (tenant, subject, position) where subject is not null;

-- migrate:down
drop index audit_of_subject;
drop table audit_head;
