//! Every table as the database itself describes it, row by row, for a copy of all there is.
//!
//! Nobody keeps a list of tables here: one that a migration adds is in the next copy by itself, and a
//! column of a type that no table of ours has is refused rather than left out.

use std::collections::BTreeMap;

use futures::TryStreamExt as _;
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;

use super::{Conn, Db, MIGRATIONS, Result, Store, StoreError, Tx, all, exec, one};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// TEXT.
    Text,
    /// BIGINT.
    Integer,
    /// BOOLEAN.
    Flag,
    /// UUID.
    Id,
    /// BYTEA.
    Bytes,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in the order that [`Tx::each_row`] gives their values.
    pub columns: Vec<Column>,
}

/// One value of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// NULL.
    Nothing,
    /// TEXT.
    Text(String),
    /// BIGINT.
    Integer(i64),
    /// BOOLEAN.
    Flag(bool),
    /// UUID.
    Id(Uuid),
    /// BYTEA.
    Bytes(Vec<u8>),
}

/// Reads one row of either database by the kinds of its columns.
macro_rules! cells {
    ($row:expr, $table:expr) => {
        $table
            .columns
            .iter()
            .enumerate()
            .map(|(i, column)| {
                Ok(match column.kind {
                    ColumnKind::Text => $row.try_get::<Option<String>, _>(i)?.map(Cell::Text),
                    ColumnKind::Integer => $row.try_get::<Option<i64>, _>(i)?.map(Cell::Integer),
                    ColumnKind::Flag => $row.try_get::<Option<bool>, _>(i)?.map(Cell::Flag),
                    ColumnKind::Id => $row.try_get::<Option<Uuid>, _>(i)?.map(Cell::Id),
                    ColumnKind::Bytes => $row.try_get::<Option<Vec<u8>>, _>(i)?.map(Cell::Bytes),
                }
                .unwrap_or(Cell::Nothing))
            })
            .collect::<Result<Vec<Cell>>>()
    };
}

/// Runs an insert with the cells of some rows bound in order; NULL has the type of its column.
macro_rules! insert {
    ($conn:expr, $sql:expr, $table:expr, $rows:expr) => {{
        let mut query = sqlx::query(AssertSqlSafe($sql));
        for row in $rows {
            for (column, cell) in $table.columns.iter().zip(row) {
                query = match (cell, column.kind) {
                    (Cell::Text(text), _) => query.bind(text.as_str()),
                    (Cell::Integer(n), _) => query.bind(*n),
                    (Cell::Flag(flag), _) => query.bind(*flag),
                    (Cell::Id(id), _) => query.bind(*id),
                    (Cell::Bytes(bytes), _) => query.bind(bytes.as_slice()),
                    (Cell::Nothing, ColumnKind::Text) => query.bind(None::<String>),
                    (Cell::Nothing, ColumnKind::Integer) => query.bind(None::<i64>),
                    (Cell::Nothing, ColumnKind::Flag) => query.bind(None::<bool>),
                    (Cell::Nothing, ColumnKind::Id) => query.bind(None::<Uuid>),
                    (Cell::Nothing, ColumnKind::Bytes) => query.bind(None::<Vec<u8>>),
                };
            }
        }
        query.execute(&mut **$conn).await?;
    }};
}

impl Store {
    /// Brings the schema of an empty database to a version that this program knows, and no further.
    pub async fn migrate_to(&self, version: i64) -> Result<()> {
        match &self.db {
            Db::Sqlite { write, .. } => MIGRATIONS.run_to(version, write).await?,
            Db::Postgres(pool) => MIGRATIONS.run_to(version, pool).await?,
        }
        Ok(())
    }

    /// The newest version of the schema that this program knows.
    pub fn newest_schema() -> i64 {
        MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0)
    }
}

impl Tx {
    /// The version of the database's schema.
    pub async fn schema(&mut self) -> Result<i64> {
        let version = one!(
            self,
            (Option<i64>,),
            "SELECT MAX(version) FROM _sqlx_migrations WHERE success = TRUE"
        );
        Ok(version.and_then(|r| r.0).unwrap_or(0))
    }

    /// Whatever is done from here on may take as long as it needs: all of a council's rows take longer
    /// than any page may.
    pub async fn take_your_time(&mut self) -> Result<()> {
        if let Conn::Postgres(_) = self.conn {
            exec!(self, "SET LOCAL statement_timeout = 0");
        }
        Ok(())
    }

    /// Every table, each after those it refers to: rows can be put back in this order.
    pub async fn tables(&mut self) -> Result<Vec<Table>> {
        let columns = match self.conn {
            Conn::Sqlite(_) => all!(
                self,
                (String, String, String),
                "SELECT t.name, c.name, c.type FROM sqlite_master t, pragma_table_info(t.name) c
                 WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> '_sqlx_migrations'
                 ORDER BY t.name, c.cid"
            ),
            Conn::Postgres(_) => all!(
                self,
                (String, String, String),
                "SELECT CAST(c.table_name AS TEXT), CAST(c.column_name AS TEXT), CAST(c.data_type AS TEXT)
                 FROM information_schema.columns c
                 JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
                 WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'
                   AND c.table_name <> '_sqlx_migrations'
                 ORDER BY c.table_name, c.ordinal_position"
            ),
        };
        let mut tables: BTreeMap<String, Vec<Column>> = BTreeMap::new();
        for (table, name, written) in columns {
            let kind = kind_of(&written).ok_or_else(|| StoreError::Unreadable {
                what: "a column",
                why: format!("{table}.{name} is of the type {written}, which no table of ours has"),
            })?;
            tables.entry(table).or_default().push(Column { name, kind });
        }
        in_order(tables, &self.references().await?)
    }

    /// Which table refers to which.
    async fn references(&mut self) -> Result<Vec<(String, String)>> {
        Ok(match self.conn {
            Conn::Sqlite(_) => all!(
                self,
                (String, String),
                "SELECT t.name, k.\"table\" FROM sqlite_master t, pragma_foreign_key_list(t.name) k
                 WHERE t.type = 'table'"
            ),
            Conn::Postgres(_) => all!(
                self,
                (String, String),
                "SELECT CAST(a.relname AS TEXT), CAST(b.relname AS TEXT) FROM pg_constraint k
                 JOIN pg_class a ON a.oid = k.conrelid JOIN pg_class b ON b.oid = k.confrelid
                 JOIN pg_namespace n ON n.oid = a.relnamespace
                 WHERE k.contype = 'f' AND n.nspname = current_schema()"
            ),
        })
    }

    /// How many rows a table has.
    pub async fn count_rows(&mut self, table: &Table) -> Result<u64> {
        let sql = format!("SELECT COUNT(*) FROM \"{}\"", table.name);
        let count = one!(self, (i64,), AssertSqlSafe(sql.as_str()));
        Ok(count.map_or(0, |r| u64::try_from(r.0).unwrap_or(0)))
    }

    /// Hands over each row of a table, one at a time: they need not all fit in memory.
    pub async fn each_row<E: From<StoreError>>(
        &mut self,
        table: &Table,
        mut take: impl FnMut(Vec<Cell>) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let sql = format!("SELECT {} FROM \"{}\"", names(table), table.name);
        let database = |e: sqlx::Error| E::from(StoreError::from(e));
        match &mut self.conn {
            Conn::Sqlite(c) => {
                let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(&mut **c);
                while let Some(row) = rows.try_next().await.map_err(database)? {
                    take(cells!(row, table)?)?;
                }
            }
            Conn::Postgres(c) => {
                let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(&mut **c);
                while let Some(row) = rows.try_next().await.map_err(database)? {
                    take(cells!(row, table)?)?;
                }
            }
        }
        Ok(())
    }

    /// Puts rows into a table, as they were.
    pub async fn put_rows(&mut self, table: &Table, rows: &[Vec<Cell>]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut next = 0;
        let places: Vec<String> = rows
            .iter()
            .map(|_| {
                let row: Vec<String> = table
                    .columns
                    .iter()
                    .map(|_| {
                        next += 1;
                        format!("${next}")
                    })
                    .collect();
                format!("({})", row.join(", "))
            })
            .collect();
        let sql = format!(
            "INSERT INTO \"{}\" ({}) VALUES {}",
            table.name,
            names(table),
            places.join(", ")
        );
        match &mut self.conn {
            Conn::Sqlite(c) => insert!(c, sql, table, rows),
            Conn::Postgres(c) => insert!(c, sql, table, rows),
        }
        Ok(())
    }
}

fn names(table: &Table) -> String {
    let names: Vec<String> = table
        .columns
        .iter()
        .map(|c| format!("\"{}\"", c.name))
        .collect();
    names.join(", ")
}

fn kind_of(written: &str) -> Option<ColumnKind> {
    Some(match written.to_ascii_lowercase().as_str() {
        "text" => ColumnKind::Text,
        "bigint" => ColumnKind::Integer,
        "boolean" => ColumnKind::Flag,
        "uuid" => ColumnKind::Id,
        "bytea" => ColumnKind::Bytes,
        _ => return None,
    })
}

/// Tables by name, but each after those it refers to.
fn in_order(
    mut tables: BTreeMap<String, Vec<Column>>,
    references: &[(String, String)],
) -> Result<Vec<Table>> {
    let mut ordered: Vec<Table> = Vec::new();
    while !tables.is_empty() {
        let waits = |name: &String| {
            let mut to = references.iter().filter(|(from, _)| from == name);
            to.any(|(_, to)| to != name && tables.contains_key(to))
        };
        let Some(name) = tables.keys().find(|name| !waits(name)).cloned() else {
            return Err(StoreError::Unreadable {
                what: "tables",
                why: "they refer to each other in a circle".to_owned(),
            });
        };
        let columns = tables.remove(&name).unwrap_or_default();
        ordered.push(Table { name, columns });
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_comes_after_those_it_refers_to() {
        let tables = ["alerts", "cases", "schools"].map(|n| (n.to_owned(), Vec::new()));
        let refers = [
            ("alerts", "cases"),
            ("cases", "schools"),
            ("cases", "cases"),
        ];
        let refers = refers.map(|(a, b)| (a.to_owned(), b.to_owned()));
        let ordered = in_order(BTreeMap::from(tables.clone()), &refers).unwrap();
        let names: Vec<&str> = ordered.iter().map(|t| t.name.as_str()).collect();
        assert_eq!(names, ["schools", "cases", "alerts"]);
        let circle = [("alerts", "cases"), ("cases", "alerts")];
        let circle = circle.map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert!(in_order(BTreeMap::from(tables), &circle).is_err());
    }
}
