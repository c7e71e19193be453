"""Ways out of a DuckDB, as SQL. `{folder}` has canary files, `{out}` is empty, `{origin}` a server that counts.

`works` says that an open DuckDB (nothing locked) gets at a canary, writes a file or asks the server this way: those
are tried there first, so that the corpus can't pass because it is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Escape:
    """One way; `name` is for the test's report."""

    name: str
    sql: str
    works: bool = False


CANARY = "canary7f3a"

_READS = {
    "read_csv": "SELECT * FROM read_csv('{folder}/canary.csv')",
    "read_csv_auto": "SELECT * FROM read_csv_auto('{folder}/canary.csv')",
    "read_csv in a list": "SELECT * FROM read_csv(['{folder}/canary.csv'], union_by_name = true)",
    "read_text": "SELECT content FROM read_text('{folder}/canary.txt')",
    "read_text of many": "SELECT content FROM read_text('{folder}/*.txt')",
    "read_blob": "SELECT content FROM read_blob('{folder}/canary.txt')",
    "read_json": "SELECT * FROM read_json('{folder}/canary.json')",
    "read_json_auto": "SELECT * FROM read_json_auto('{folder}/canary.json')",
    "read_json_objects": "SELECT * FROM read_json_objects('{folder}/canary.json')",
    "read_ndjson": "SELECT * FROM read_ndjson('{folder}/canary.json')",
    "read_ndjson_objects": "SELECT * FROM read_ndjson_objects('{folder}/canary.json')",
    "read_parquet": "SELECT * FROM read_parquet('{folder}/canary.parquet')",
    "parquet_scan": "SELECT * FROM parquet_scan('{folder}/canary.parquet')",
    "read_duckdb": "SELECT * FROM read_duckdb('{folder}/canary.db', table_name = 'kept')",
    "parquet_metadata": "SELECT * FROM parquet_metadata('{folder}/canary.parquet')",
    "parquet_schema": "SELECT * FROM parquet_schema('{folder}/canary.parquet')",
    "parquet_file_metadata": "SELECT * FROM parquet_file_metadata('{folder}/canary.parquet')",
    "sniff_csv": "SELECT * FROM sniff_csv('{folder}/canary.csv')",
    "glob": "SELECT * FROM glob('{folder}/*')",
    "file as a table": "SELECT * FROM '{folder}/canary.csv'",
    "file as a table, quoted as a name": 'SELECT * FROM "{folder}/canary.parquet"',
    "file as a table, glob": "FROM '{folder}/*.csv'",
    "file in a subquery": "SELECT (SELECT min(a) FROM '{folder}/canary.csv') FROM sales",
    "file in a CTE": "WITH x AS (FROM '{folder}/canary.csv') SELECT * FROM x",
    "file in a join": "SELECT * FROM sales JOIN read_csv('{folder}/canary.csv') ON true",
    "file in a union": "SELECT 'x' UNION ALL SELECT content FROM read_text('{folder}/canary.txt')",
    "file through query()": "FROM query('SELECT content FROM read_text(''{folder}/canary.txt'')')",
    "file through query_table()": "FROM query_table('{folder}/canary.csv')",
    "file through a serialized statement": "SELECT * FROM json_execute_serialized_sql("
    "json_serialize_sql('SELECT content FROM read_text(''{folder}/canary.txt'')'))",
    "file described": "DESCRIBE SELECT * FROM '{folder}/canary.csv'",
    "file summarized": "SUMMARIZE '{folder}/canary.csv'",
    "file explained and run": "EXPLAIN ANALYZE SELECT * FROM '{folder}/canary.csv' WHERE a = 'canary7f3a'",
    "file in a lambda": "SELECT list_transform([1], x -> (SELECT min(content) FROM read_text('{folder}/canary.txt')))",
    "file in HAVING": "SELECT (SELECT content FROM read_text('{folder}/canary.txt')) AS x, count(*) FROM sales "
    "GROUP BY x HAVING x = (SELECT content FROM read_text('{folder}/canary.txt'))",
    "file in a pivot": "PIVOT '{folder}/canary.csv' ON a IN ('canary7f3a') USING count(*)",
    "relative file": "SELECT content FROM read_text('../../../../../../../../../..{folder}/canary.txt')",
    "file URL": "SELECT content FROM read_text('file://{folder}/canary.txt')",
    "own environment": "SELECT content FROM read_text('/proc/self/environ')",
    "parent's environment": "SELECT content FROM read_text('/proc/{parent}/environ')",
    "open file of its own": "SELECT content FROM read_text('/dev/fd/3')",
    "attached": "ATTACH '{folder}/canary.db' AS other",
    "attached and read": "ATTACH '{folder}/canary.db' AS other; SELECT * FROM other.kept",
    "copied in": "COPY sales FROM '{folder}/canary.csv'",
    "imported": "IMPORT DATABASE '{folder}/exported'",
}
_WRITES = {
    "copied out": "COPY sales TO '{out}/x.csv'",
    "copied out as parquet": "COPY (SELECT 1) TO '{out}/x.parquet' (FORMAT parquet)",
    "exported": "EXPORT DATABASE '{out}/x'",
    "attached new": "ATTACH '{out}/new.db'",
    "table in an attached file": "ATTACH '{out}/new2.db' AS n; CREATE TABLE n.t AS SELECT 1",
    "profile written": "PRAGMA enable_profiling = 'json'; PRAGMA profiling_output = '{out}/profile.json'; SELECT 1",
    "log written": "CALL enable_logging(storage = 'file', storage_path = '{out}/log'); SELECT 1",
    "copied out after an explain": "EXPLAIN ANALYZE COPY sales TO '{out}/explained.csv'",
}
_NETWORK = {
    "extension from a server": "INSTALL httpfs FROM '{origin}'",
    "extension repository set": "SET custom_extension_repository = '{origin}'; INSTALL spatial",
    "csv by http": "SELECT * FROM read_csv('{origin}/canary.csv')",
    "parquet by http": "SELECT * FROM '{origin}/canary.parquet'",
    "bucket": "SELECT * FROM read_parquet('s3://bucket/canary.parquet')",
    "database by http": "ATTACH '{origin}/canary.db'",
    "sqlite attached": "ATTACH '{folder}/canary.db' (TYPE sqlite)",
    "postgres attached": "ATTACH 'host=127.0.0.1 port=1' AS p (TYPE postgres)",
}
_SETTINGS = {
    "access turned on": "SET enable_external_access = true",
    "access turned on, globally": "SET GLOBAL enable_external_access = true; FROM read_text('{folder}/canary.txt')",
    "access by a pragma": "PRAGMA enable_external_access = true",
    "setting reset": "RESET lock_configuration",
    "temporary folder set": "SET temp_directory = '{out}'",
    "allowed folder set": "SET allowed_directories = ['{folder}']",
    "home folder set": "SET home_directory = '{out}'",
    "memory unlimited": "SET memory_limit = '1TB'",
    "time unlimited": "SET max_execution_time = 0",
    "environment": "SELECT getenv('GEARBOX_CANARY')",
    "variable": "SET VARIABLE x = 1",
    "settings": "SELECT * FROM duckdb_settings()",
    "settings by name": "SELECT current_setting('secret_directory')",
    "secrets": "SELECT * FROM duckdb_secrets()",
    "which secret": "FROM which_secret('s3://bucket/x', 's3')",
    "secret made": "CREATE PERSISTENT SECRET s (TYPE s3, KEY_ID 'x', SECRET 'y')",
    "extensions listed": "SELECT * FROM duckdb_extensions()",
    "logs": "SELECT * FROM duckdb_logs",
    "log written to memory": "SELECT write_log('x')",
    "databases": "PRAGMA database_list",
    "databases with their files": "SELECT * FROM duckdb_databases()",
    "databases, as a view": "SELECT * FROM pragma_database_list",
    "view behind a CTE's name": "FROM (WITH duckdb_logs AS (SELECT 1) FROM duckdb_logs), duckdb_logs",
    "temporary files": "SELECT * FROM duckdb_temporary_files()",
    "platform": "PRAGMA platform",
    "extension loaded": "LOAD httpfs",
    "extension by a path": "LOAD '{folder}/canary.txt'",
    "extension by a function": "SELECT * FROM st_read('{folder}/canary.csv')",
    "extension by another function": "SELECT * FROM read_xlsx('{folder}/canary.csv')",
    "external resource": "CALL create_external_resource('x', 'y')",
}
_PYTHON = {
    "python variable": "SELECT * FROM canary_frame",
    "python variable in a function": "SELECT * FROM query_table('canary_frame')",
    "python scan": "SELECT * FROM pandas_scan(0)",
    "arrow scan": "SELECT * FROM arrow_scan(0, 0, 0)",
    "arrow scan by address": "SELECT * FROM python_arrow_scan(1, 2)",
}
_CHANGES = {
    "inserted": "INSERT INTO sales VALUES ('x', 1)",
    "deleted": "DELETE FROM sales",
    "deleted in a CTE": "WITH x AS (DELETE FROM sales RETURNING *) SELECT * FROM x",
    "inserted in a CTE": "WITH x AS (INSERT INTO sales VALUES ('x', 1) RETURNING *) SELECT * FROM x",
    "updated in a CTE": "WITH x AS (UPDATE sales SET city = 'x' RETURNING *) SELECT * FROM x",
    "dropped": "DROP TABLE sales",
    "created": "CREATE TABLE x AS SELECT 1",
    "view made": "CREATE VIEW sales2 AS SELECT 1",
    "macro made": "CREATE MACRO f(a) AS a",
    "second statement": "SELECT 1; DELETE FROM sales",
    "explained and run": "EXPLAIN ANALYZE DELETE FROM sales",
    "prepared": "PREPARE p AS DELETE FROM sales",
    "transaction ended": "COMMIT",
    "transaction ended, then a change": "ROLLBACK; DELETE FROM sales",
    "called": "CALL range(3)",
    "checkpoint": "FORCE CHECKPOINT",
    "use": "USE system",
}
_WORK_IN_THE_OPEN = (
    frozenset(_READS)
    - {
        "own environment",
        "parent's environment",
        "open file of its own",
        "attached",
        "imported",
        "copied in",
        "glob",
        "sniff_csv",
        "parquet_file_metadata",
        "file in a lambda",
        "parquet_schema",
        "relative file",
        "file described",
    }
    | frozenset(_WRITES)
    | {"python variable"}
)

_GROUPS = {
    "reads": _READS,
    "writes": _WRITES,
    "network": _NETWORK,
    "settings": _SETTINGS,
    "python": _PYTHON,
    "changes": _CHANGES,
}

GROUPS = {
    group: tuple(Escape(name, sql, name in _WORK_IN_THE_OPEN) for name, sql in escapes.items())
    for group, escapes in _GROUPS.items()
}
ESCAPES = tuple(each for group in GROUPS.values() for each in group)
