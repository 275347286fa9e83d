//! Reads the post. Only what is needed is kept: the session id is passed over, no document type is taken, and no entity is
//! known but XML's own five.

use std::collections::BTreeSet;

use counterpart_config::salesforce_id;
use counterpart_domain::CrmId;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::super::body;

const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const OUTBOUND: &str = "http://soap.sforce.com/2005/09/outbound";
const OBJECT: &str = "urn:sobject.enterprise.soap.sforce.com";
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The most notifications of a post, as the WSDL says.
const MOST: usize = 100;
/// How deep elements may stand in each other: a field with parts of its own stands at 8.
const DEEPEST: usize = 16;
/// The most elements: 100 records with all the fields that Salesforce allows in a message.
const MOST_ELEMENTS: usize = 100_000;
/// The most attributes of an element, declarations of namespaces included.
const MOST_ATTRIBUTES: usize = 32;
/// The longest text that is kept of an element, in bytes.
const LONGEST_TEXT: usize = 64;

/// What is kept of a post.
pub(super) struct Post {
    /// The organisation's id, 18 characters.
    pub(super) organization: String,
    /// 1 to 100, no record of one notification twice.
    pub(super) notifications: Vec<Notification>,
}

/// One notification.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Notification {
    /// Its own id, the same for each delivery.
    pub(super) id: String,
    /// The object's API name.
    pub(super) object: String,
    /// The record's id.
    pub(super) record: CrmId,
}

/// Where we are, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Envelope,
    Body,
    Notifications,
    Organization,
    Notification,
    NotificationId,
    Object,
    RecordId,
    /// Anything else; its content is passed over.
    Other,
}

#[derive(Default)]
struct Draft {
    id: Option<String>,
    object: Option<String>,
    record: Option<String>,
}

#[derive(Default)]
struct Reading {
    places: Vec<Place>,
    elements: usize,
    /// The text of the innermost element, where it is one that is kept.
    text: String,
    organization: Option<String>,
    draft: Draft,
    notifications: Vec<Notification>,
}

/// Reads a post, or says what is wrong with it without repeating any of it.
pub(super) fn post(text: &str) -> Result<Post, &'static str> {
    let mut reader = NsReader::from_str(text);
    reader.config_mut().enable_all_checks(true);
    let mut reading = Reading::default();
    loop {
        let (namespace, event) = reader
            .read_resolved_event()
            .map_err(|_| "not well-formed XML")?;
        let namespace = match namespace {
            ResolveResult::Bound(namespace) => namespace.0.to_owned(),
            ResolveResult::Unbound => Default::default(),
            ResolveResult::Unknown(_) => return Err("a prefix without a namespace"),
        };
        match event {
            Event::Decl(decl) => declaration(&decl)?,
            Event::Start(start) => {
                let object = object_type(&reader, &start)?;
                reading.open(&namespace, &start, object)?;
            }
            Event::Empty(start) => {
                let object = object_type(&reader, &start)?;
                reading.open(&namespace, &start, object)?;
                reading.close()?;
            }
            Event::End(_) => reading.close()?,
            Event::Text(text) => reading.write(&text)?,
            Event::CData(text) => reading.write(&text)?,
            Event::GeneralRef(reference) => reading.refer(&reference)?,
            Event::DocType(_) => return Err("a document type"),
            Event::PI(_) => return Err("a processing instruction"),
            Event::Comment(_) => {}
            Event::Eof => return reading.done(),
        }
    }
}

fn declaration(decl: &BytesDecl<'_>) -> Result<(), &'static str> {
    match decl.encoding() {
        None => Ok(()),
        Some(Ok(name))
            if name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("us-ascii") =>
        {
            Ok(())
        }
        Some(_) => Err("another encoding than UTF-8"),
    }
}

/// The local name in `xsi:type`, if the element has one.
fn object_type(
    reader: &NsReader<&[u8]>,
    start: &BytesStart<'_>,
) -> Result<Option<String>, &'static str> {
    // Unchecked for doubles, which takes the square of their number; the first type counts.
    for (count, attribute) in start.attributes().with_checks(false).enumerate() {
        if count == MOST_ATTRIBUTES {
            return Err("too many attributes");
        }
        let attribute = attribute.map_err(|_| "a malformed attribute")?;
        let (namespace, name) = reader.resolver().resolve_attribute(attribute.key);
        let is_type = name.as_ref() == "type"
            && matches!(namespace, ResolveResult::Bound(namespace) if namespace.0 == INSTANCE);
        if is_type {
            let value = attribute.value.as_ref();
            let local = value.rsplit(':').next().unwrap_or_default();
            return body::module(local)
                .map(Some)
                .ok_or("an object's name is none");
        }
    }
    Ok(None)
}

impl Reading {
    fn open(
        &mut self,
        namespace: &str,
        start: &BytesStart<'_>,
        object: Option<String>,
    ) -> Result<(), &'static str> {
        self.elements += 1;
        if self.elements > MOST_ELEMENTS || self.places.len() >= DEEPEST {
            return Err("too many elements, or too deep");
        }
        let name = start.local_name();
        let place = match (self.places.last(), namespace, name.as_ref()) {
            (None, ENVELOPE, "Envelope") if self.elements == 1 => Place::Envelope,
            (None, ..) => return Err("no SOAP envelope"),
            (Some(Place::Envelope), ENVELOPE, "Body") => Place::Body,
            (Some(Place::Body), OUTBOUND, "notifications") => Place::Notifications,
            (Some(Place::Notifications), OUTBOUND, "OrganizationId") => Place::Organization,
            (Some(Place::Notifications), OUTBOUND, "Notification") => {
                self.draft = Draft::default();
                Place::Notification
            }
            (Some(Place::Notification), OUTBOUND, "Id") => Place::NotificationId,
            (Some(Place::Notification), OUTBOUND, "sObject") => {
                self.draft.object = object;
                Place::Object
            }
            (Some(Place::Object), OBJECT, "Id") => Place::RecordId,
            _ => Place::Other,
        };
        self.text.clear();
        self.places.push(place);
        Ok(())
    }

    fn is_kept(&self) -> bool {
        matches!(
            self.places.last(),
            Some(Place::Organization | Place::NotificationId | Place::RecordId)
        )
    }

    fn write(&mut self, text: &str) -> Result<(), &'static str> {
        if self.places.is_empty() && !text.trim().is_empty() {
            return Err("text outside of the envelope");
        }
        if self.is_kept() {
            if self.text.len() + text.len() > LONGEST_TEXT {
                return Err("an id is too long");
            }
            self.text.push_str(text);
        }
        Ok(())
    }

    fn refer(&mut self, reference: &BytesRef<'_>) -> Result<(), &'static str> {
        let unknown = "an entity that XML does not have of its own";
        if reference.is_char_ref() {
            let character = reference.resolve_char_ref().ok().flatten();
            return self.write(character.ok_or(unknown)?.encode_utf8(&mut [0; 4]));
        }
        self.write(resolve_xml_entity(reference).ok_or(unknown)?)
    }

    fn close(&mut self) -> Result<(), &'static str> {
        let text = std::mem::take(&mut self.text);
        let id = || salesforce_id(text.trim());
        match self.places.pop() {
            Some(Place::Organization) => {
                let organization = id().ok_or("the organisation's id is none")?;
                if self.organization.replace(organization).is_some() {
                    return Err("two organisations");
                }
            }
            Some(Place::NotificationId) => self.draft.id = id(),
            Some(Place::RecordId) => self.draft.record = id(),
            Some(Place::Notification) => self.keep()?,
            _ => {}
        }
        Ok(())
    }

    fn keep(&mut self) -> Result<(), &'static str> {
        let draft = std::mem::take(&mut self.draft);
        let (Some(id), Some(object), Some(record)) = (draft.id, draft.object, draft.record) else {
            return Err("a notification without its id, object or record");
        };
        if self.notifications.len() >= MOST {
            return Err("more than 100 notifications");
        }
        self.notifications.push(Notification {
            id,
            object,
            record: CrmId(record),
        });
        Ok(())
    }

    fn done(self) -> Result<Post, &'static str> {
        if !self.places.is_empty() {
            return Err("it ends too early");
        }
        if self.notifications.is_empty() {
            return Err("no notification");
        }
        let organization = self.organization.ok_or("no organisation")?;
        let notifications: BTreeSet<_> = self.notifications.into_iter().collect();
        Ok(Post {
            organization,
            notifications: notifications.into_iter().collect(),
        })
    }
}
