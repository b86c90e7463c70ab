-- Notes: lists of them, and their sealed texts. Those of psychotherapy stand apart, in tables that nothing else reads.

-- migrate:up

-- Progress notes, without their text.
create table note (
    tenant           uuid not null default current_setting('app.tenant')::uuid,
    note             uuid not null,
    patient          uuid not null,
    author           uuid not null,
    template         uuid not null,
    template_version int not null,
    appointment      uuid,
    stage            text not null default 'draft' check (stage in ('draft', 'signed', 'entered-in-error')),
    cosignature      text not null default 'none' check (cosignature in ('none', 'asked', 'given')),
    started_at       timestamptz not null,
    signed_at        timestamptz,
    version          int not null,
    primary key (tenant, note)
);
create index note_of_patient on note (tenant, patient, started_at, note);
create index note_unsigned on note (tenant, author, started_at, note) where stage = 'draft';
create index note_to_cosign on note (tenant, started_at, note) where cosignature = 'asked' and stage = 'signed';
select protect('note');

-- Psychotherapy notes, without their text.
create table psychotherapy_note (
    tenant           uuid not null default current_setting('app.tenant')::uuid,
    note             uuid not null,
    patient          uuid not null,
    author           uuid not null,
    template         uuid not null,
    template_version int not null,
    appointment      uuid,
    stage            text not null default 'draft' check (stage in ('draft', 'signed', 'entered-in-error')),
    cosignature      text not null default 'none' check (cosignature in ('none', 'asked', 'given')),
    started_at       timestamptz not null,
    signed_at        timestamptz,
    version          int not null,
    primary key (tenant, note)
);
create index psychotherapy_note_of_author on psychotherapy_note (tenant, author, patient, started_at, note);
create index psychotherapy_note_of_patient on psychotherapy_note (tenant, patient);
select protect('psychotherapy_note');

-- The texts: sealed under the patient's key. Added, and deleted with their patient; never changed, and no worker's.
create table note_document (
    tenant   uuid not null default current_setting('app.tenant')::uuid,
    note     uuid not null,
    revision uuid not null,
    patient  uuid not null,
    author   uuid not null,
    part     text not null check (part in ('text', 'addendum', 'disclosure')),
    base     uuid[] not null,
    at       timestamptz not null,
    sealed   bytea not null,
    primary key (tenant, note, revision)
);
create index note_document_of_patient on note_document (tenant, patient);
select protect('note_document', 'select, insert, delete', '');

-- Those of psychotherapy notes: sealed under a key of their own class.
create table psychotherapy_note_document (
    tenant   uuid not null default current_setting('app.tenant')::uuid,
    note     uuid not null,
    revision uuid not null,
    patient  uuid not null,
    author   uuid not null,
    part     text not null check (part in ('text', 'addendum', 'disclosure')),
    base     uuid[] not null,
    at       timestamptz not null,
    sealed   bytea not null,
    primary key (tenant, note, revision)
);
create index psychotherapy_note_document_of_patient on psychotherapy_note_document (tenant, patient);
select protect('psychotherapy_note_document', 'select, insert, delete', '');

-- The clinic's templates, each version a row that stays.
create table note_template (
    tenant   uuid not null default current_setting('app.tenant')::uuid,
    id       uuid not null,
    number   int not null,
    name     text not null,
    sections jsonb not null,
    retired  boolean not null default false,
    version  int not null, -- of the template's stream
    primary key (tenant, id, number)
);
select protect('note_template');

-- migrate:down
drop table note_template, psychotherapy_note_document, note_document, psychotherapy_note, note;
