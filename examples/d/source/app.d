import sqlite;
import std.stdio : writeln;

void main()
{
    writeln(query("WITH nests (species, eggs) AS (VALUES ('robin', 5), ('wren', 7), ('tit', 9))
                   SELECT sum(eggs) || ' eggs in ' || count(*) || ' nests' FROM nests"));
}
