-- The outbox of a database that isn't the ledger's: what its operations write in their own transaction, until the
-- sequencer has taken it over into the ledger. In a schema of its own, owned by a role that no program has.
-- Run as the server's superuser; may be run again. `:writer` is the role that works in this database, `:sequencer` the
-- sequencer's.

SELECT 'CREATE ROLE lrtzc_ledger_owner NOLOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'lrtzc_ledger_owner')\gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), :'sequencer')\gexec

CREATE SCHEMA IF NOT EXISTS lrtzc_outbox AUTHORIZATION lrtzc_ledger_owner;
SET ROLE lrtzc_ledger_owner;

-- The same columns under the same conditions as the ledger's tables, so that nothing gets in here that can't go on.
CREATE TABLE IF NOT EXISTS lrtzc_outbox.entry (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The ledger takes each once, however often it is written or brought.
    id uuid NOT NULL,
    leaf bytea NOT NULL CHECK (length(leaf) BETWEEN 2 AND 4096),
    moment timestamptz NOT NULL,
    operation text NOT NULL,
    outcome text NOT NULL,
    actor text,
    object_type text,
    object_id text,
    origin text,
    salt bytea NOT NULL CHECK (length(salt) = 16),
    payload text NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

REVOKE ALL ON SCHEMA lrtzc_outbox FROM PUBLIC;
REVOKE ALL ON lrtzc_outbox.entry FROM PUBLIC;
GRANT USAGE ON SCHEMA lrtzc_outbox TO :"writer", :"sequencer";
GRANT INSERT ON lrtzc_outbox.entry TO :"writer";
GRANT SELECT, DELETE ON lrtzc_outbox.entry TO :"sequencer";
RESET ROLE;
