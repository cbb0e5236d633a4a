//! `owf::environment`: the process and the machine are asked outside of a step.

use super::Lint;
use super::names::{About, Name, STEP, function, module, pure, types};

const VARIABLE: &str =
    "read it in a step, `{let}step!(\"{id}\", {call}).await?{;}`, or pass it in the workflow's input";
const OTHER: &str = "return an error instead: `return Err(WorkflowError::fatal(\"..\"))`";

pub(super) const ABOUT: About = About {
    lint: Lint::Environment,
    consequence: "a replay may happen in another process",
    why: "A run is replayed by whatever process takes it up. Its variables, arguments, folders, IDs and processors are others.",
    bad: "let region = std::env::var(\"REGION\").ok();",
    good: "let region = step!(\"region\", std::env::var(\"REGION\").ok()).await?;",
    gaps: &[
        "settings behind functions of other crates, and of files that are not found, and in statics",
        "`env!` and `option_env!` are read by the compiler, and are another program's matter",
        "the width of `usize` and the rounding of floats, which differ between platforms",
    ],
    names: NAMES,
    methods: &[],
};

const ZONE: &str =
    "use `chrono::Utc`, or the zone that is meant: `chrono::FixedOffset`, or one of the crate `chrono-tz`";

const NAMES: &[Name] = &[
    module("std::env", "asks the environment of the process", STEP),
    function("std::env::var", "reads an environment variable", VARIABLE),
    function("std::env::var_os", "reads an environment variable", STEP),
    function(
        "std::env::vars",
        "reads the environment variables",
        "read the one in a step: `step!(\"variable\", std::env::var(\"..\").ok()).await?`",
    ),
    function(
        "std::env::args",
        "reads the arguments of the process",
        "read them in a step: `step!(\"args\", std::env::args().collect::<Vec<_>>()).await?`",
    ),
    function("std::env::current_dir", "asks for the folder of the process", STEP),
    function("std::env::set_var", "changes the environment of the process", STEP),
    function("std::env::remove_var", "changes the environment of the process", STEP),
    pure("std::env::consts"),
    pure("std::env::VarError"),
    pure("std::env::join_paths"),
    pure("std::env::split_paths"),
    function("std::process::exit", "ends the process", OTHER),
    function("std::process::abort", "ends the process", OTHER),
    function("std::process::id", "asks for the ID of the process", STEP),
    function("std::thread::available_parallelism", "asks for the processors of the machine", STEP),
    module("dotenvy", "reads the environment of the process", STEP),
    function("std::path::absolute", "asks for the folder of the process", STEP),
    function("std::os::unix::process::parent_id", "asks for the ID of a process", STEP),
    function("jiff::tz::TimeZone::system", "asks for the time zone of the machine", STEP),
    function("jiff::tz::TimeZone::try_system", "asks for the time zone of the machine", STEP),
    types("chrono::Local", "has the time zone of the machine", ZONE),
    types("chrono::offset::Local", "has the time zone of the machine", ZONE),
    function("iana_time_zone::get_timezone", "asks for the time zone of the machine", STEP),
    function("time::UtcOffset::current_local_offset", "asks for the time zone of the machine", STEP),
    function("time::UtcOffset::local_offset_at", "asks for the time zone of the machine", STEP),
    module("dirs", "asks for the folders of the user", STEP),
    types("directories::BaseDirs", "asks for the folders of the user", STEP),
    types("directories::ProjectDirs", "asks for the folders of the user", STEP),
    types("directories::UserDirs", "asks for the folders of the user", STEP),
    function("home::home_dir", "asks for the folder of the user", STEP),
    function("home::cargo_home", "asks for the folder of the user", STEP),
    module("envy", "reads the environment of the process", STEP),
    function("config::Environment::with_prefix", "reads the environment of the process", STEP),
    function("config::Environment::default", "reads the environment of the process", STEP),
    function("figment::providers::Env::prefixed", "reads the environment of the process", STEP),
    function("figment::providers::Env::raw", "reads the environment of the process", STEP),
    function("gethostname::gethostname", "asks for the name of the machine", STEP),
    function("machine_uid::get", "asks for the ID of the machine", STEP),
    function("mac_address::get_mac_address", "asks for the address of the machine", STEP),
    function("local_ip_address::local_ip", "asks for the address of the machine", STEP),
    function("sys_locale::get_locale", "asks for the language of the machine", STEP),
    function("nix::unistd::getpid", "asks for the ID of the process", STEP),
    function("nix::unistd::gethostname", "asks for the name of the machine", STEP),
    module("dotenv", "reads the environment of the process", STEP),
    function("num_cpus::get", "asks for the processors of the machine", STEP),
    function("num_cpus::get_physical", "asks for the processors of the machine", STEP),
    function("hostname::get", "asks for the name of the machine", STEP),
    types("sysinfo::System", "asks the machine", STEP),
    module("whoami", "asks for the user of the process", STEP),
    function("etcetera::home_dir", "asks for the folder of the user", STEP),
    module("dirs_next", "asks for the folders of the user", STEP),
    function("os_info::get", "asks the machine", STEP),
    function("which::which", "searches the folders of the environment", STEP),
    module("uzers", "asks for the user of the process", STEP),
    module("rustix::process", "asks for the ID of the process", STEP),
    module("nix::unistd", "asks or changes the process", STEP),
];
