//! Things that are installed below the target directory once, and again when what they are made from has changed.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::Result;

const STAMP: &str = "made-from.sha256";

/// Makes a folder, or keeps the one that an earlier run made from the same ingredients.
///
/// # Errors
/// When it can't be made; then the next run tries again.
pub fn made(dir: &Path, ingredients: &[String], make: impl FnOnce() -> Result<()>) -> Result<()> {
    if is_made(dir, ingredients) {
        return Ok(());
    }
    if dir.exists() {
        std::fs::remove_dir_all(dir)?;
    }
    make()?;
    std::fs::write(dir.join(STAMP), fingerprint(ingredients))?;
    Ok(())
}

/// Whether an earlier run made the folder from the same ingredients.
pub fn is_made(dir: &Path, ingredients: &[String]) -> bool {
    std::fs::read_to_string(dir.join(STAMP)).is_ok_and(|found| found == fingerprint(ingredients))
}

fn fingerprint(ingredients: &[String]) -> String {
    let mut hash = Sha256::new();
    for ingredient in ingredients {
        hash.update(ingredient.len().to_le_bytes());
        hash.update(ingredient);
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_made_again_only_when_its_ingredients_changed_or_it_failed() {
        let dir = std::env::temp_dir().join(format!("counterpart-once-{}", std::process::id()));
        let mut times = 0;
        let mut made_from = |ingredients: &[&str], fails: bool| {
            let ingredients: Vec<String> = ingredients.iter().map(|&one| one.to_owned()).collect();
            made(&dir, &ingredients, || {
                times += 1;
                std::fs::create_dir_all(&dir)?;
                if fails {
                    return Err(crate::error::Failure::new("no network"));
                }
                Ok(())
            })
            .is_ok()
        };
        assert!(!made_from(&["a", "b"], true));
        assert!(made_from(&["a", "b"], false));
        assert!(made_from(&["a", "b"], false));
        assert!(made_from(&["ab", ""], false));
        std::fs::remove_dir_all(&dir).ok();
        assert_eq!(times, 3);
    }
}
