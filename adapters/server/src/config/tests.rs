//! Which of flags, environment, file and defaults holds.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use koinon_engine::settings::Registrations;
use koinon_http::{IdFormat, Profile};
use tempfile::TempDir;

use clap::Args;

use super::{Config, ConfigError, DEFAULT_DATA, Layer};
use crate::cli::{Cli, Command};

/// The configuration of `koinon serve` with these flags and variables.
fn load(flags: &[&str], variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let arguments = ["koinon", "serve"].iter().chain(flags).map(OsString::from);
    let Some(Command::Serve(serve)) = Cli::read(arguments).unwrap().command else {
        panic!("another command")
    };
    let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
    Config::load(serve.place, serve.settings, variables).map(|(config, _)| config)
}

/// A data folder with this configuration file.
fn folder(file: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("koinon.toml"), file).unwrap();
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn flags_go_before_variables_before_the_file_before_defaults() {
    type Shown = fn(&Config) -> String;
    let rows: [(&str, &str, [&str; 4], Shown); 16] = [
        // setting, then the value as default, in the file, in the environment, as a flag
        (
            "listen",
            "\"127.0.0.1:1\"",
            ["127.0.0.1:3000", "127.0.0.1:1", "127.0.0.1:2", "[::1]:3"],
            |config| config.listen.to_string(),
        ),
        ("store", "\"sled\"", ["", "sled", "sqlite", "sled"], |config| {
            config.store.map_or_else(String::new, |store| store.to_string())
        }),
        ("domain", "\"A.example\"", ["localhost", "a.example", "b.example", "c.example"], |config| {
            config.domain.to_string()
        }),
        (
            "base_url",
            "\"https://a.example/\"",
            ["", "https://a.example", "https://b.example", "http://c.example"],
            |config| config.base_url.as_ref().map_or_else(String::new, |url| url.as_str().to_owned()),
        ),
        ("registrations", "\"open\"", ["closed", "open", "approval", "closed"], |config| {
            match config.registrations {
                Registrations::Open => "open".into(),
                Registrations::Approval => "approval".into(),
                Registrations::Closed => "closed".into(),
            }
        }),
        ("profile", "\"mastodon\"", ["pleroma", "mastodon", "pleroma", "mastodon"], |config| {
            match config.profile {
                Profile::Pleroma => "pleroma".into(),
                Profile::Mastodon => "mastodon".into(),
            }
        }),
        ("id_format", "\"snowflake\"", ["flake", "snowflake", "flake", "snowflake"], |config| {
            match config.id_format {
                IdFormat::Flake => "flake".into(),
                IdFormat::Snowflake => "snowflake".into(),
            }
        }),
        ("rate_limits", "false", ["on", "off", "on", "off"], |config| {
            if config.rate_limits { "on".into() } else { "off".into() }
        }),
        ("title", "\"A\"", ["Koinon", "A", "B", "C"], |config| config.title.clone()),
        ("description", "\"A\"", ["", "A", "B", "C"], |config| config.description.clone()),
        ("contact_email", "\"a@example\"", ["", "a@example", "b@example", "c@example"], |config| {
            config.contact_email.clone()
        }),
        ("languages", "[\"de\", \"fr\"]", ["en", "de,fr", "pt,en", "ja"], |config| {
            config.languages.join(",")
        }),
        (
            "trusted_proxies",
            "[\"10.0.0.0/8\"]",
            ["", "10.0.0.0/8", "::1/128,127.0.0.1/32", "fd00::/8"],
            |config| config.trusted_proxies.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
        ),
        ("status_characters", "1", ["5000", "1", "500", "100000"], |config| {
            config.status_characters.to_string()
        }),
        ("upload_bytes", "1", ["41943040", "1", "2", "3"], |config| config.upload_bytes.to_string()),
        ("connections", "1", ["4096", "1", "2", "3"], |config| config.connections.to_string()),
    ];
    for (setting, in_file, [default, file, environment, flag], shown) in rows {
        let with_file = folder(&format!("{setting} = {in_file}\n"));
        let without_file = folder("");
        let data = |folder: &TempDir| format!("--data={}", text(folder.path()));
        let variable = format!("KOINON_{}", setting.to_uppercase());
        let variables = [(variable.as_str(), environment)];
        let flag_text = format!("--{}={flag}", setting.replace('_', "-"));
        let value = |folder: &TempDir, flags: &[&str], variables: &[(&str, &str)]| {
            let data = data(folder);
            let flags: Vec<&str> = [data.as_str()].iter().chain(flags).copied().collect();
            shown(&load(&flags, variables).unwrap())
        };
        assert_eq!(value(&without_file, &[], &[]), default, "{setting} by default");
        assert_eq!(value(&with_file, &[], &[]), file, "{setting} in the file");
        assert_eq!(value(&with_file, &[], &variables), environment, "{setting} in the environment");
        assert_eq!(value(&with_file, &[&flag_text], &variables), flag, "{setting} as a flag");
        assert_eq!(value(&with_file, &[], &[(&variable, "")]), file, "{setting} as an empty variable");
    }
}

#[test]
fn the_data_folder_is_named_by_flag_variable_or_a_file_elsewhere() {
    let elsewhere = folder("data = \"instance\"\ntitle = \"A\"\n");
    let file = elsewhere.path().join("koinon.toml");
    let by_file = load(&["--config", text(&file)], &[]).unwrap();
    assert_eq!((by_file.data, by_file.title.as_str()), (elsewhere.path().join("instance"), "A"));
    let by_variable = load(&[], &[("KOINON_CONFIG", text(&file)), ("KOINON_DATA", "b")]).unwrap();
    assert_eq!((by_variable.data.as_path(), by_variable.title.as_str()), (Path::new("b"), "A"));
    let by_flag = load(&["--data", "c"], &[("KOINON_DATA", "b")]).unwrap();
    assert_eq!(by_flag.data, Path::new("c"));
    assert_eq!(load(&[], &[]).unwrap().data, Path::new("koinon-data"));
    let inside = load(&["--data", text(elsewhere.path())], &[]);
    assert!(matches!(inside, Err(ConfigError::DataInDataFolder(_))));
}

#[test]
fn a_bad_value_is_told_with_its_place() {
    let empty = folder("");
    let data = text(empty.path());
    for (variable, value, message) in [
        (
            "KOINON_LISTEN",
            "3000",
            "KOINON_LISTEN is \"3000\": an IP address with a port is needed, such as 127.0.0.1:3000",
        ),
        (
            "KOINON_REGISTRATIONS",
            "maybe",
            "KOINON_REGISTRATIONS is \"maybe\": expected open or approval or closed",
        ),
        ("KOINON_STATUS_CHARACTERS", "0", "KOINON_STATUS_CHARACTERS is \"0\": 0 is not in 1..=100000"),
        (
            "KOINON_TRUSTED_PROXIES",
            "10.0.0.0/64",
            "KOINON_TRUSTED_PROXIES is \"10.0.0.0/64\": an address of this kind has 32 bits",
        ),
        (
            "KOINON_DOMAIN",
            "https://a.example",
            "KOINON_DOMAIN is \"https://a.example\": a domain has no https:// in front",
        ),
    ] {
        let error = load(&["--data", data], &[(variable, value)]).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    for (content, line, part) in [
        ("title = \"A\"\nlisten = 3\n", "line 2", "expected a string"),
        ("\n\nregistrations = \"maybe\"\n", "line 3", "`open`, `approval`, `closed`"),
        ("ttile = \"A\"\n", "line 1", "unknown field `ttile`"),
        ("status_characters = 0", "line 1", "0 is not in 1..=100000"),
        ("rate_limits = \"maybe\"", "line 1", "expected \"on\", \"off\", true or false"),
        ("trusted_proxies = [\"proxy\"]", "line 1", "proxy: not an IP address"),
        ("title = ", "line 1", "string"),
    ] {
        let bad = folder(content);
        let message = load(&["--data", text(bad.path())], &[]).unwrap_err().to_string();
        assert!(message.starts_with(text(bad.path())), "{message}");
        assert!(message.contains(line) && message.contains(part), "{content:?}: {message}");
        assert!(!message.contains('\n'), "{message}");
    }
}

#[test]
fn a_file_that_is_named_has_to_be_there() {
    let nowhere = folder("").path().join("none.toml");
    let error = load(&["--config", text(&nowhere)], &[]).unwrap_err();
    assert!(matches!(error, ConfigError::Unreadable { .. }), "{error}");
}

#[test]
fn variables_that_are_no_settings_are_noticed() {
    let variables = [("KOINON_TITEL", "A"), ("KOINON_LOG", "debug"), ("KOINON_DATA", "a"), ("OTHER", "b")];
    let variables = variables.map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let (_, unknown) = Config::load(Default::default(), Default::default(), variables).unwrap();
    assert_eq!(unknown, ["KOINON_TITEL"]);
}

#[test]
fn the_public_address_follows_from_domain_and_socket_unless_it_is_set() {
    for (flags, socket, url) in [
        (&[][..], "127.0.0.1:4000", "http://127.0.0.1:4000"),
        (&[], "0.0.0.0:4000", "http://127.0.0.1:4000"),
        (&[], "[::]:4000", "http://[::1]:4000"),
        (&["--domain=localhost:4000"], "127.0.0.1:4000", "http://127.0.0.1:4000"),
        (&["--domain=social.example"], "127.0.0.1:4000", "https://social.example"),
        (&["--domain=social.example:8443"], "127.0.0.1:4000", "https://social.example:8443"),
        (
            &["--domain=example.org", "--base-url=https://social.example.org/"],
            "127.0.0.1:4000",
            "https://social.example.org",
        ),
    ] {
        let config = load(flags, &[]).unwrap();
        assert_eq!(config.public_url(socket.parse().unwrap()), url, "{flags:?} {socket}");
    }
}

#[test]
fn limits_reach_the_engine_and_the_http_layer() {
    let config = load(&["--upload-bytes=1000", "--status-characters=100000"], &[]).unwrap();
    let limits = config.settings(config.listen).limits;
    assert_eq!(limits.status_characters, 100_000);
    assert!(limits.status_bytes >= 4 * limits.status_characters);
    assert_eq!(limits.media.image.max_bytes, 1000);
    assert_eq!(limits.media.max_audio_video_bytes, 1000);
    let options = config.options();
    assert!(options.limits.upload_bytes > 1000);
    assert!(options.limits.parameter_bytes as usize > limits.status_bytes);
}

#[test]
fn without_a_command_the_flags_of_serving_hold() {
    let cli = Cli::read(["koinon", "--listen", "127.0.0.1:5"].map(OsString::from)).unwrap();
    assert!(cli.command.is_none());
    assert_eq!(cli.serve.settings.listen, Some("127.0.0.1:5".parse().unwrap()));
}

#[test]
fn the_help_names_the_variable_of_every_setting() {
    let help = Cli::read(["koinon", "serve", "--help"].map(OsString::from)).unwrap_err().to_string();
    for part in
        ["--listen <ADDR>", "[env: KOINON_LISTEN]", "[env: KOINON_STATUS_CHARACTERS]", "[env: KOINON_DATA]"]
    {
        assert!(help.contains(part), "{part} in\n{help}");
    }
}

#[test]
fn the_example_file_names_every_setting_with_its_default() {
    let example = include_str!("../../koinon.example.toml");
    let settings: String = example
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| line.split_once(" = ").is_some_and(|(name, _)| !name.contains(' ')))
        .map(|line| format!("{line}\n"))
        .collect();
    let layer: Layer = toml::from_str(&settings).unwrap();
    let Layer { data, store, base_url, .. } = layer.clone();
    assert!(data.is_some() && store == Some(Default::default()) && base_url.is_some());
    let mut by_example = Config::new(DEFAULT_DATA.into(), layer);
    by_example.base_url = None;
    by_example.store = None;
    assert_eq!(by_example, Config::new(DEFAULT_DATA.into(), Layer::default()));
    let known = Layer::augment_args(clap::Command::new("settings"));
    for setting in known.get_arguments().map(|flag| flag.get_id().as_str()).chain(["rules"]) {
        assert!(settings.contains(&format!("{setting} = ")), "{setting} is missing");
    }
}
