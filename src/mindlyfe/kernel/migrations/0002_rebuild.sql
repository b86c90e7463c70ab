-- Rebuilding a read model beside the old one: shadows in <context>_rebuild, then a swap.
-- The worker may call these; they run as the owner.

-- migrate:up

-- An empty table like `original` in the rebuild schema, its constraints and indexes named alike, protected alike.
create function make_shadow(original text) returns void language plpgsql security definer
    set search_path from current as $$
declare
    context text := split_part(current_user, '_owner', 1);
    old regclass := format('%I.%I', context, original)::regclass;
    new regclass;
    line record;
begin
    if exists (select from pg_constraint where contype = 'f' and old in (conrelid, confrelid))
        or exists (select from pg_trigger where tgrelid = old and not tgisinternal) then
        raise 'table % has a foreign key or a trigger: it cannot be rebuilt beside itself', original;
    end if;
    execute format('drop table if exists %I.%I', context || '_rebuild', original);
    execute format('create table %I.%I (like %s including all)', context || '_rebuild', original, old);
    new := format('%I.%I', context || '_rebuild', original)::regclass;
    for line in
        with named as (
            select i.indrelid, x.relname, pg_get_indexdef(i.indexrelid) like 'CREATE UNIQUE%' as single,
                   substring(pg_get_indexdef(i.indexrelid) from ' USING .*') as definition
            from pg_index i join pg_class x on x.oid = i.indexrelid where i.indrelid in (old, new)
        ), numbered as (
            select *, row_number() over (partition by indrelid, single, definition order by relname) as n from named)
        select o.relname as was, s.relname as is_now from numbered o
        join numbered s using (single, definition, n) where o.indrelid = old and s.indrelid = new
    loop
        if line.was <> line.is_now then
            execute format('alter index %I.%I rename to %I', context || '_rebuild', line.is_now, 'renamed ' || line.was);
        end if;
    end loop;
    for line in select relname from pg_class x join pg_index i on i.indexrelid = x.oid
                where i.indrelid = new and relname like 'renamed %' loop
        execute format('alter index %I.%I rename to %I', context || '_rebuild', line.relname,
                       substring(line.relname from 9));
    end loop;
    perform protect(new, app => '', worker => '');
    for line in select g.grantee::regrole as role, g.privilege_type as right
                from pg_class c, aclexplode(c.relacl) g where c.oid = old and g.grantee <> c.relowner loop
        execute format('grant %s on %s to %s', line.right, new, line.role);
    end loop;
end $$;

-- Lets the writers of the log finish and keeps new ones waiting until the transaction ends.
create function hold_writers() returns void language plpgsql security definer set search_path from current as $$
begin
    lock table event in share mode;
end $$;

-- Puts the shadow in the place of the original.
create function swap_shadow(original text) returns void language plpgsql security definer
    set search_path from current as $$
declare
    context text := split_part(current_user, '_owner', 1);
begin
    execute format('drop table %I.%I', context, original);
    execute format('alter table %I.%I set schema %I', context || '_rebuild', original, context);
end $$;

create function drop_shadow(original text) returns void language plpgsql security definer
    set search_path from current as $$
begin
    execute format('drop table if exists %I.%I', split_part(current_user, '_owner', 1) || '_rebuild', original);
end $$;

revoke all on function make_shadow, hold_writers, swap_shadow, drop_shadow from public;
do $$
begin
    execute format('grant execute on function make_shadow, hold_writers, swap_shadow, drop_shadow to %I',
                   current_schema() || '_worker');
end $$;

-- migrate:down
drop function drop_shadow, swap_shadow, hold_writers, make_shadow;
