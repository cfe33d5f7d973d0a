/// As much of SQLite as it takes to ask for one value: https://sqlite.org/c3ref/funclist.html
module sqlite;

import std.exception : enforce;
import std.string : fromStringz, toStringz;

private extern (C) nothrow @nogc
{
    struct Database;
    struct Statement;
    int sqlite3_open(const(char)* path, Database** database);
    int sqlite3_close(Database* database);
    const(char)* sqlite3_errmsg(Database* database);
    int sqlite3_prepare_v2(Database* database, const(char)* sql, int bytes, Statement** statement, void* rest);
    int sqlite3_step(Statement* statement);
    int sqlite3_finalize(Statement* statement);
    const(char)* sqlite3_column_text(Statement* statement, int column);
}

private enum row = 100;

/// The first value that a statement gives, as text; null when it gives no row. Throws: Exception for wrong SQL.
string query(string sql)
{
    Database* database;
    sqlite3_open(":memory:", &database);
    scope (exit)
        sqlite3_close(database);
    Statement* statement;
    const status = sqlite3_prepare_v2(database, sql.toStringz, -1, &statement, null);
    enforce(status == 0, fromStringz(sqlite3_errmsg(database)).idup);
    scope (exit)
        sqlite3_finalize(statement);
    return sqlite3_step(statement) == row ? fromStringz(sqlite3_column_text(statement, 0)).idup : null;
}

unittest
{
    import std.exception : assertThrown;

    assert(query("SELECT upper('robin')") == "ROBIN");
    assert(query("SELECT 1 WHERE 0") is null);
    assertThrown(query("SELEKT 1"));
}
