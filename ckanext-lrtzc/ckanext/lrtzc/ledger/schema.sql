-- The ledger's tables, in a schema of their own, owned by a role that no program has.
-- Run as the database's superuser; may be run again. `:app` is the application's role, `:sequencer` the sequencer's.
--
-- outbox     what operations write, in their own transaction; never changed
-- arrival    which entries of other databases' outboxes (outbox.sql) are in this one already
-- detail     the payload and salt behind an entry's commitment; may be erased, never changed
-- sequence   which outbox row is which leaf of the tree
-- tile       full rows of 256 hashes
-- checkpoint signed heads of the tree
-- cosignature what witnesses signed

SELECT 'CREATE ROLE lrtzc_ledger_owner NOLOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'lrtzc_ledger_owner')\gexec

CREATE SCHEMA IF NOT EXISTS lrtzc_ledger AUTHORIZATION lrtzc_ledger_owner;
SET ROLE lrtzc_ledger_owner;

CREATE TABLE IF NOT EXISTS lrtzc_ledger.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The writing transaction: rows are sequenced in its order once no older one can still appear.
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    leaf bytea NOT NULL CHECK (length(leaf) BETWEEN 2 AND 4096)
);
CREATE INDEX IF NOT EXISTS outbox_transaction ON lrtzc_ledger.outbox (transaction, id);

CREATE TABLE IF NOT EXISTS lrtzc_ledger.detail (
    outbox_id bigint PRIMARY KEY REFERENCES lrtzc_ledger.outbox (id),
    moment timestamptz NOT NULL,
    operation text NOT NULL,
    outcome text NOT NULL,
    actor text,
    object_type text,
    object_id text,
    origin text,
    salt bytea NOT NULL CHECK (length(salt) = 16),
    payload text NOT NULL
);
CREATE INDEX IF NOT EXISTS detail_moment ON lrtzc_ledger.detail (moment);
-- Entries are shown in the order of writing, which a clock that was set back doesn't change.
CREATE INDEX IF NOT EXISTS detail_actor_order ON lrtzc_ledger.detail (actor, outbox_id) WHERE actor IS NOT NULL;
CREATE INDEX IF NOT EXISTS detail_object_order ON lrtzc_ledger.detail (object_id, outbox_id) WHERE object_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS detail_operation ON lrtzc_ledger.detail (operation text_pattern_ops, moment);
DROP INDEX IF EXISTS lrtzc_ledger.detail_actor, lrtzc_ledger.detail_object;

-- Kept for ever: what a database restored from a copy brings again is known by it.
CREATE TABLE IF NOT EXISTS lrtzc_ledger.arrival (
    id uuid PRIMARY KEY
);

CREATE TABLE IF NOT EXISTS lrtzc_ledger.sequence (
    index bigint PRIMARY KEY CHECK (index >= 0),
    outbox_id bigint NOT NULL UNIQUE REFERENCES lrtzc_ledger.outbox (id),
    leaf_hash bytea NOT NULL CHECK (length(leaf_hash) = 32)
);

CREATE TABLE IF NOT EXISTS lrtzc_ledger.tile (
    level smallint NOT NULL,
    index bigint NOT NULL,
    hashes bytea NOT NULL CHECK (length(hashes) = 8192),
    root bytea NOT NULL CHECK (length(root) = 32),
    PRIMARY KEY (level, index)
);

CREATE TABLE IF NOT EXISTS lrtzc_ledger.checkpoint (
    size bigint PRIMARY KEY,
    root bytea NOT NULL CHECK (length(root) = 32),
    note text NOT NULL,
    made timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE IF NOT EXISTS lrtzc_ledger.cosignature (
    size bigint NOT NULL REFERENCES lrtzc_ledger.checkpoint (size),
    witness text NOT NULL,
    line text NOT NULL,
    moment timestamptz NOT NULL,
    PRIMARY KEY (size, witness)
);

-- The one way to take something away: details, by expiry or by a right to erasure. The leaf stays.
CREATE OR REPLACE FUNCTION lrtzc_ledger.erase(ids bigint[]) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = lrtzc_ledger, pg_temp AS $$
    WITH erased AS (DELETE FROM lrtzc_ledger.detail WHERE outbox_id = ANY (ids) RETURNING 1)
    SELECT count(*) FROM erased
$$;

REVOKE ALL ON SCHEMA lrtzc_ledger FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA lrtzc_ledger FROM PUBLIC;
REVOKE ALL ON FUNCTION lrtzc_ledger.erase(bigint[]) FROM PUBLIC;
GRANT USAGE ON SCHEMA lrtzc_ledger TO :"app", :"sequencer";
GRANT SELECT ON ALL TABLES IN SCHEMA lrtzc_ledger TO :"app", :"sequencer";
GRANT INSERT ON lrtzc_ledger.outbox, lrtzc_ledger.detail, lrtzc_ledger.cosignature TO :"app";
GRANT INSERT ON lrtzc_ledger.sequence, lrtzc_ledger.tile, lrtzc_ledger.checkpoint TO :"sequencer";
-- The sequencer also writes what it takes over from the outboxes of other databases.
GRANT INSERT ON lrtzc_ledger.outbox, lrtzc_ledger.detail, lrtzc_ledger.arrival TO :"sequencer";
GRANT EXECUTE ON FUNCTION lrtzc_ledger.erase(bigint[]) TO :"app";
RESET ROLE;
