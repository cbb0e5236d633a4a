//! `owf::io`: files, network, databases, other processes and standard input outside of a step.

use super::Lint;
use super::names::{About, Name, STEP, function, module, pure, types};

const STEP_AWAIT: &str = "do it in a step: `{let}step!(\"{id}\", {call}.await?).await?{;}`";
const WHOLE: &str =
    "do all of it in one step, and return what the workflow needs: `{let}step!(\"{id}\", { .. }).await?{;}`";

pub(super) const ABOUT: About = About {
    lint: Lint::Io,
    consequence: "a replay would do it again",
    why: "What is read from outside may have changed when the run is replayed, and what is written or sent is written or sent again.",
    bad: "let rates = std::fs::read_to_string(\"rates.json\")?;",
    good: "let rates = step!(\"rates\", std::fs::read_to_string(\"rates.json\")?).await?;",
    gaps: &[
        "input and output behind functions of other files and crates",
        "methods (`path.exists()`, `file.read(..)`) are told by the type of their receiver, on which see the probes",
        "clients of services that are awaited are no `Durable`, and don't compile without any lint",
        "printing and logging, which are allowed: their lines come again in a replay",
    ],
    names: NAMES,
    methods: &[],
};

const NAMES: &[Name] = &[
    module("std::fs", "touches files", STEP),
    types("std::fs::File", "opens a file", WHOLE),
    types("std::fs::OpenOptions", "opens a file", WHOLE),
    pure("std::fs::Permissions"),
    pure("std::fs::FileTimes"),
    module("std::net", "uses the network", WHOLE),
    pure("std::net::IpAddr"),
    pure("std::net::Ipv4Addr"),
    pure("std::net::Ipv6Addr"),
    pure("std::net::SocketAddr"),
    pure("std::net::SocketAddrV4"),
    pure("std::net::SocketAddrV6"),
    pure("std::net::Shutdown"),
    pure("std::net::AddrParseError"),
    function("std::net::ToSocketAddrs::to_socket_addrs", "asks a name server", STEP),
    module("std::os::unix::net", "uses the network", WHOLE),
    function("std::io::stdin", "reads from standard input", WHOLE),
    function("std::io::read_to_string", "reads a file or standard input", STEP),
    types("std::process::Command", "runs another process", WHOLE),
    module("tokio::fs", "touches files", STEP_AWAIT),
    module("tokio::net", "uses the network", WHOLE),
    function("tokio::io::stdin", "reads from standard input", WHOLE),
    types("tokio::process::Command", "runs another process", WHOLE),
    module("async_std::fs", "touches files", STEP_AWAIT),
    module("async_std::net", "uses the network", WHOLE),
    module("smol::fs", "touches files", STEP_AWAIT),
    module("smol::net", "uses the network", WHOLE),
    function("reqwest::get", "uses the network", STEP_AWAIT),
    module("reqwest::blocking", "uses the network", WHOLE),
    module("ureq", "uses the network", WHOLE),
    module("tempfile", "makes a file", WHOLE),
    types("rusqlite::Connection", "opens a database", WHOLE),
    types("postgres::Client", "opens a database", WHOLE),
    module("fs_err", "touches files", STEP),
];
