import express from "express";
import sqlite3 from "sqlite3";

// The only place that may be written to.
const database = new sqlite3.Database("/tmp/visits.db");
database.exec("CREATE TABLE IF NOT EXISTS visits (number INTEGER PRIMARY KEY)");

const app = express();
app.get("/", (_request, response, next) => {
  database.run("INSERT INTO visits DEFAULT VALUES", function (error) {
    if (error) next(error);
    else response.send(`visit ${this.lastID}`);
  });
});

const server = app.listen(Number(process.env.PORT), "0.0.0.0");
process.on("SIGTERM", () => server.close(() => database.close(() => process.exit(0))));
