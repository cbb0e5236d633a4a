//! Where the files of a crate's modules are.

use std::path::{Path, PathBuf};

/// Whether a file is the root of its crate, by its name.
pub(super) fn is_root(path: &Path) -> bool {
    matches!(stem(path), "lib" | "main") || matches!(name(path.parent()), "examples" | "tests" | "benches" | "bin")
}

/// Where the files of the modules of a file's outermost module are, as the file is declared by a `mod name;`.
pub(super) fn folder_of(path: &Path) -> PathBuf {
    let around = path.parent().unwrap_or(Path::new(""));
    if is_root(path) || stem(path) == "mod" { around.to_owned() } else { around.join(stem(path)) }
}

/// The file of `mod name;` in a module of `file` whose modules are in `folder`; `path` is what a `#[path]` says.
pub(super) fn child(file: &Path, folder: &Path, name: &str, path: Option<&str>) -> Option<PathBuf> {
    if let Some(path) = path {
        // Of a module within the file it would be relative to that one's folder. Nobody writes that.
        let found = file.parent()?.join(path);
        return found.is_file().then_some(found);
    }
    [folder.join(format!("{name}.rs")), folder.join(name).join("mod.rs")].into_iter().find(|path| path.is_file())
}

/// The root of the crate of a file, and the names of the modules from there to the file.
pub(super) fn root_of(path: &Path) -> Option<(PathBuf, Vec<String>)> {
    let mut names = match stem(path) {
        "mod" => Vec::new(),
        stem => vec![stem.to_owned()],
    };
    for folder in path.ancestors().skip(1) {
        // With both, which of them is compiled is said by the name of the program, which a library has not.
        let (main, lib) = (folder.join("main.rs"), folder.join("lib.rs"));
        let is_program = std::env::var_os("CARGO_BIN_NAME").is_some();
        let roots = if is_program { [main, lib] } else { [lib, main] };
        if let Some(root) = roots.into_iter().find(|root| root.is_file()) {
            names.reverse();
            return Some((root, names));
        }
        if folder.join("Cargo.toml").is_file() {
            return None;
        }
        names.push(name(Some(folder)).to_owned());
    }
    None
}

fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
}

fn name(folder: Option<&Path>) -> &str {
    folder.and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_beside_roots_and_below_others() {
        assert_eq!(folder_of(Path::new("src/lib.rs")), Path::new("src"));
        assert_eq!(folder_of(Path::new("tests/orders.rs")), Path::new("tests"));
        assert_eq!(folder_of(Path::new("src/orders/mod.rs")), Path::new("src/orders"));
        assert_eq!(folder_of(Path::new("src/orders.rs")), Path::new("src/orders"));
    }

    #[test]
    fn the_root_of_this_crate_is_found_from_its_files() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/resolve/places.rs");
        let (root, names) = root_of(&here).expect("this file is in a crate");
        assert!(root.ends_with("src/lib.rs"), "{root:?}");
        assert_eq!(names, ["resolve", "places"]);
    }
}
