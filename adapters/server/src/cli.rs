//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::config::{Data, Layer, Place, variable};
use crate::conversion::StoreAt;

/// A social server in one program and one folder.
///
/// Without a command it serves the instance in ./koinon-data, and makes one if there is none.
#[derive(Debug, Parser)]
#[command(name = "koinon", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do; serving if nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How to serve where nothing is said.
    #[command(flatten)]
    pub serve: Serve,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the instance
    Serve(Box<Serve>),
    /// Make accounts, also while the instance is served
    Account {
        /// What to do.
        #[command(subcommand)]
        command: AccountCommand,
    },
    /// Make access tokens, also while the instance is served
    Token {
        /// What to do.
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Verify all data; lists what is wrong and exits with status 1 if anything is
    Check {
        /// Where.
        #[command(flatten)]
        data: Data,
    },
    /// Write everything into one file, also while the instance is served
    Backup {
        /// The file; must not exist
        file: PathBuf,
        /// Where.
        #[command(flatten)]
        data: Data,
    },
    /// Bring the data of an older version up to date, which serving them does as well; goes on where it was interrupted
    Migrate {
        /// Only say what would be done, and how long that is likely to take
        #[arg(long)]
        dry_run: bool,
        /// Where.
        #[command(flatten)]
        data: Data,
    },
    /// Make a store of another kind of one that is not served; goes on where it was when it is run again
    Convert {
        /// The store that is there, as sqlite:DIR
        #[arg(long, value_name = "STORE:DIR")]
        from: StoreAt,
        /// The new one, as sled:DIR; in the same folder the old one is kept as koinon.sqlite.converted
        #[arg(long, value_name = "STORE:DIR")]
        to: StoreAt,
    },
    /// Make an instance of invented people and posts, for measuring and trying out, in a folder that has no data
    Dataset(DatasetOptions),
    /// Verify a backup and put it into a folder that has no data
    Restore {
        /// The backup
        file: PathBuf,
        /// Where.
        #[command(flatten)]
        data: Data,
    },
}

/// Commands about accounts.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Make an account
    Create(CreateAccount),
}

/// Commands about tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make an access token and print it on the last line
    Create(CreateToken),
}

/// Where and how to serve.
#[derive(Debug, Args)]
pub struct Serve {
    /// Where.
    #[command(flatten)]
    pub place: Place,
    /// How.
    #[command(flatten)]
    pub settings: Layer,
}

/// An account to be made.
#[derive(Clone, Args)]
pub struct CreateAccount {
    /// Its name: letters, digits and underscores
    pub name: String,
    /// Its e-mail address
    #[arg(long, default_value = "")]
    pub email: String,
    /// Its password; without this flag it is the first line of standard input, which other users of the machine
    /// cannot see
    #[arg(long)]
    pub password: Option<String>,
    /// Let it run the instance
    #[arg(long)]
    pub admin: bool,
    /// Where.
    #[command(flatten)]
    pub data: Data,
}

impl std::fmt::Debug for CreateAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreateAccount").field("name", &self.name).finish_non_exhaustive()
    }
}

/// An instance to be invented.
#[derive(Debug, Clone, Args)]
pub struct DatasetOptions {
    /// Accounts
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub accounts: u32,
    /// Statuses
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub statuses: u32,
    /// Where all chance comes from: the same seed makes the same records
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Where.
    #[command(flatten)]
    pub data: Data,
}

/// A token to be made.
#[derive(Debug, Clone, Args)]
pub struct CreateToken {
    /// The account
    pub name: String,
    /// What the token allows, separated by spaces
    #[arg(long, default_value = "read write follow push")]
    pub scopes: String,
    /// Where.
    #[command(flatten)]
    pub data: Data,
}

impl Cli {
    /// Reads a command line.
    ///
    /// # Errors
    /// One that tells what is wrong, or the help or version that was asked for.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut command = name_variables(Self::command());
        let matches = command.try_get_matches_from_mut(arguments)?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }
}

/// Names in the help of each setting the environment variable that sets it too.
fn name_variables(command: clap::Command) -> clap::Command {
    let settings = Layer::augment_args(clap::Command::new("settings"));
    let settings: Vec<_> = settings.get_arguments().map(|setting| setting.get_id().clone()).collect();
    let name = |argument: clap::Arg| match argument.get_help() {
        Some(help) if settings.contains(argument.get_id()) => {
            let help = format!("{help} [env: {}]", variable(argument.get_id().as_str()));
            argument.help(help)
        }
        _ => argument,
    };
    command.mut_args(name).mut_subcommand("serve", |serve| serve.mut_args(name))
}
