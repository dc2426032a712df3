//! Migrations and views, with steps and versions of their own.

use koinon_engine::store::TableDefinition;
use rusqlite::Connection;

use super::*;

const OLD: &[TableDefinition] = &[TableDefinition { name: "rows" }];
const NEW: &[TableDefinition] = &[TableDefinition { name: "others" }, TableDefinition { name: "rows" }];

const STEPS: &[Migration] = &[
    Migration { to: 2, run: |connection| connection.execute_batch("CREATE TABLE two(x)") },
    Migration { to: 3, run: |connection| connection.execute_batch("CREATE TABLE three(x)") },
];

fn with_schema<T>(
    tables: &[TableDefinition],
    asked: &[View],
    migrations: &[Migration],
    run: impl FnOnce(&Schema<'_>) -> T,
) -> T {
    let catalog = Catalog::new(tables).unwrap();
    let views = views(&catalog, asked).unwrap();
    run(&Schema { catalog: &catalog, views: &views, migrations })
}

fn version_one() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    with_schema(OLD, &[], MIGRATIONS, |schema| schema.create(&mut connection)).unwrap();
    connection
}

/// Every object and its statement.
fn dump(connection: &Connection) -> Vec<(String, String)> {
    let mut statement = connection
        .prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
        .unwrap();
    let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn a_new_file_has_the_present_version_and_runs_no_step() {
    let connection = version_one();
    assert_eq!(version(&connection).unwrap(), VERSION);
    assert!(dump(&connection).iter().map(|(name, _)| &**name).eq(["commits", "t_rows", "v_rows"]));
    let last = MIGRATIONS.last().map_or(1, |step| step.to);
    assert_eq!(last, VERSION, "the newest step leads to the present version");
}

#[test]
fn each_missing_step_runs_once_and_in_order() {
    let mut connection = version_one();
    let upgrade = |connection: &mut Connection, known: u32| {
        let steps: Vec<Migration> = STEPS.iter().copied().filter(|step| step.to <= known).collect();
        with_schema(OLD, &[], &steps, |schema| schema.bring_up_to_date(connection, known))
    };
    upgrade(&mut connection, 2).unwrap();
    assert_eq!(version(&connection).unwrap(), 2);
    upgrade(&mut connection, 3).unwrap();
    upgrade(&mut connection, 3).unwrap();
    assert_eq!(version(&connection).unwrap(), 3);
    let mut at_once = version_one();
    upgrade(&mut at_once, 3).unwrap();
    assert_eq!(dump(&connection), dump(&at_once));
}

#[test]
fn a_failing_step_leaves_the_file_at_its_old_version() {
    let mut connection = version_one();
    let before = dump(&connection);
    let steps = [
        STEPS[0],
        Migration { to: 3, run: |connection| connection.execute_batch("CREATE TABLE ok(x); nonsense") },
    ];
    let failed = with_schema(NEW, &[], &steps, |schema| schema.bring_up_to_date(&mut connection, 3));
    assert!(failed.is_err());
    assert_eq!(dump(&connection), before);
    assert_eq!(version(&connection).unwrap(), VERSION);
}

#[test]
fn a_file_that_became_newer_meanwhile_is_left_alone() {
    let mut connection = version_one();
    connection.pragma_update(None, "user_version", 7).unwrap();
    let before = dump(&connection);
    let refused =
        with_schema(NEW, &[], MIGRATIONS, |schema| schema.bring_up_to_date(&mut connection, VERSION));
    assert!(matches!(refused, Err(StoreError::Newer { found: 7, known: VERSION })), "{refused:?}");
    assert_eq!(dump(&connection), before);
}

#[test]
fn added_tables_make_the_file_equal_to_a_new_one() {
    let mut old = version_one();
    with_schema(NEW, &[], MIGRATIONS, |schema| schema.bring_up_to_date(&mut old, VERSION)).unwrap();
    let mut new = Connection::open_in_memory().unwrap();
    with_schema(NEW, &[], MIGRATIONS, |schema| schema.create(&mut new)).unwrap();
    assert_eq!(dump(&old), dump(&new));
}

#[test]
fn a_table_of_another_shape_is_not_used() {
    let mut connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("CREATE TABLE t_rows(key, value, sum)").unwrap();
    let refused = with_schema(OLD, &[], MIGRATIONS, |schema| schema.bring_up_to_date(&mut connection, 0));
    assert!(matches!(refused, Err(StoreError::Unusable(_))), "{refused:?}");
}

#[test]
fn a_changed_view_is_replaced_and_an_unchanged_file_is_only_read() {
    let mut connection = version_one();
    let view = |select| View { name: "rows", select };
    let mut open = |views: &[View]| {
        with_schema(OLD, views, MIGRATIONS, |schema| schema.bring_up_to_date(&mut connection, VERSION))
            .unwrap();
        let cookie: i64 = connection.pragma_query_value(None, "schema_version", |row| row.get(0)).unwrap();
        (cookie, dump(&connection).pop().unwrap().1)
    };
    let (first, generic) = open(&[]);
    assert!(generic.contains("hex(key)"), "{generic}");
    assert_eq!(open(&[]).0, first, "nothing changed, nothing written");
    let (second, own) = open(&[view("SELECT value ->> 'name' AS name FROM t_rows;\n")]);
    assert_eq!(own, r#"CREATE VIEW "v_rows" AS SELECT value ->> 'name' AS name FROM t_rows"#);
    assert_ne!(second, first);
    assert_eq!(open(&[view("SELECT value ->> 'name' AS name FROM t_rows")]).0, second);
    assert_eq!(open(&[]).1, generic);
}

#[test]
fn a_view_of_nonsense_is_an_error_and_changes_nothing() {
    let mut connection = version_one();
    let before = dump(&connection);
    for select in ["SELECT no_such_column FROM t_rows", "nonsense", "SELECT 1; SELECT 2", ""] {
        let asked = [View { name: "mine", select }];
        let refused =
            with_schema(NEW, &asked, MIGRATIONS, |schema| schema.bring_up_to_date(&mut connection, VERSION));
        assert!(matches!(&refused, Err(StoreError::Backend(text)) if text.contains("v_mine")), "{refused:?}");
        assert_eq!(dump(&connection), before);
    }
}

#[test]
fn names_of_views_are_names_and_given_once() {
    let catalog = Catalog::new(OLD).unwrap();
    let view = |name| View { name, select: "SELECT 1" };
    assert!(views(&catalog, &[view("a\" b")]).is_err());
    assert!(views(&catalog, &[view("mine"), view("mine")]).is_err());
    assert_eq!(views(&catalog, &[view("mine")]).unwrap().len(), 2);
}
