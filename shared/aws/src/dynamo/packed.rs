//! Bodies that are written a thousand times a minute, compressed: DynamoDB bills by the kilobyte, and a record of ordinary
//! size then fits into one. LZ4 against a dictionary of the names that such bodies hold; reading needs no more than that.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use counterpart_domain::{Class, Fault};
use lz4_flex::block::{compress_prepend_size_with_dict, decompress_size_prepended_with_dict};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::body::{BODY, read_body};
use super::item::{Item, unreadable};
use crate::fault::Service;

/// Names the dictionary that a body was compressed with. What is stored outlives this version: a new dictionary gets a
/// letter of its own, and the old one stays here for reading.
const FIRST: u8 = b'1';
/// What most bodies hold, in about the order in which they hold it. A byte that changes here makes every stored body
/// unreadable.
const DICTIONARY: &[u8] = include_bytes!("packed.dictionary");
/// The largest text that a body may claim to hold, in bytes: far more than an item can.
const LARGEST: usize = 16 * 1024 * 1024;

/// Writes a body.
pub(super) fn packed(content: &impl Serialize) -> Result<AttributeValue, Fault> {
    let text = serde_json::to_vec(content).map_err(|error| {
        let text = "A record cannot be written as JSON.".to_owned();
        Service::Store
            .fault(Class::Bug, "UNWRITABLE", text)
            .with_detail(error)
    })?;
    let mut bytes = vec![FIRST];
    bytes.extend(compress_prepend_size_with_dict(&text, DICTIONARY));
    Ok(AttributeValue::B(Blob::new(bytes)))
}

/// Reads a body, packed or plain.
pub(super) fn read_packed<T: DeserializeOwned>(table: &str, item: &Item) -> Result<T, Fault> {
    let Some(AttributeValue::B(blob)) = item.get(BODY) else {
        return read_body(table, item);
    };
    let text = unpack(blob.as_ref()).map_err(|why| unreadable(table, item, why))?;
    serde_json::from_slice(&text).map_err(|error| unreadable(table, item, error))
}

fn unpack(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let Some((&FIRST, bytes)) = bytes.split_first() else {
        return Err("packed in a way that this version does not know".to_owned());
    };
    let size = bytes.first_chunk().map(|size| u32::from_le_bytes(*size));
    if size.is_none_or(|size| size as usize > LARGEST) {
        return Err("a size that no body has".to_owned());
    }
    decompress_size_prepended_with_dict(bytes, DICTIONARY).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamo::item::key;

    const FIRST_RELEASE: [u8; 29] = [
        49, 53, 0, 0, 0, 15, 80, 3, 10, 32, 48, 49, 216, 2, 3, 179, 1, 176, 78, 111, 34, 58, 34,
        65, 66, 70, 34, 125, 125,
    ];

    fn read<T: DeserializeOwned>(blob: Vec<u8>) -> Result<T, Fault> {
        let mut item = key("zoho#customer#ABC:01-ABF", "link");
        item.insert(BODY.to_owned(), AttributeValue::B(Blob::new(blob)));
        read_packed("t-links", &item)
    }

    #[test]
    fn what_was_packed_comes_back_byte_for_byte() {
        for text in ["", "Größe & Söhne \"O'Hara\" 🦀", &"x".repeat(300_000)] {
            let AttributeValue::B(blob) = packed(&text).unwrap() else {
                unreachable!("a body is bytes");
            };
            assert_eq!(read::<String>(blob.into_inner()).unwrap(), text);
        }
    }

    #[test]
    fn a_plain_body_is_read_all_the_same() {
        let mut item = key("zoho#customer#ABC:01-ABF", "link");
        item.insert(BODY.to_owned(), AttributeValue::S("\"ABF\"".to_owned()));
        assert_eq!(read_packed::<String>("t-links", &item).unwrap(), "ABF");
    }

    /// What this version writes, later ones have to read: the bytes must never change.
    #[test]
    fn a_body_of_the_first_release_is_readable() {
        let columns = serde_json::json!({"ARDivisionNo": "01", "CustomerNo": "ABF"});
        assert_eq!(
            read::<serde_json::Value>(FIRST_RELEASE.to_vec()).unwrap(),
            serde_json::json!({ "customer": columns })
        );
    }

    /// Any other byte of it may be needed by something that is stored.
    #[test]
    fn the_dictionary_is_what_it_was() {
        let text = std::str::from_utf8(DICTIONARY).unwrap();
        let digest = counterpart_domain::digest_of([text]);
        assert_eq!(digest.as_str(), "a6ef472aa0cc693f4b5a0fd001c4e3f3");
    }

    #[test]
    fn damaged_bodies_are_faults_that_name_the_item() {
        for blob in [
            vec![],
            vec![b'9', 1, 2],
            vec![FIRST, 1],
            vec![FIRST, 0xff, 0xff, 0xff, 0xff, 1],
            vec![FIRST, 9, 0, 0, 0, 0x10, b'x'],
        ] {
            let fault = read::<String>(blob).unwrap_err();
            assert_eq!(fault.code, "E_STORE_UNREADABLE");
            assert!(fault.message.contains("01-ABF"), "{fault}");
        }
    }
}
