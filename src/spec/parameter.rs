//! A parameter, and how its value is written (OpenAPI 3.0.4, "Style Values" and "Style Examples"; RFC 6570).

use std::sync::Arc;

use super::media_type::MediaType;
use super::schema::Schema;
use crate::location::Anchor;

/// Where a parameter is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParameterIn {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// As a header.
    Header,
    /// In a cookie.
    Cookie,
}

/// A parameter (§4.7.12).
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where it is sent.
    pub place: ParameterIn,
    /// Whether it must be sent.
    pub required: bool,
    /// Its schema.
    pub schema: Option<Arc<Schema>>,
    /// How its value is written.
    pub serialization: Serialization,
    /// Its place in the document.
    pub anchor: Anchor,
}

/// How the document says to write the value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Serialization {
    /// By a style.
    Style {
        /// The style.
        style: ParameterStyle,
        /// Whether each value of a list or map is written as a parameter of its own.
        explode: bool,
        /// Whether reserved characters stay as they are; only in the query.
        allow_reserved: bool,
    },
    /// As a body of this media type (`content`).
    Content(MediaType),
}

/// The styles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterStyle {
    /// `a,b`: the default in the path and of a header.
    Simple,
    /// `.a,b`: in the path.
    Label,
    /// `;name=a,b`: in the path.
    Matrix,
    /// `name=a&name=b`: the default in the query and of a cookie.
    Form,
    /// `name=a%20b`: in the query.
    SpaceDelimited,
    /// `name=a%7Cb`: in the query.
    PipeDelimited,
    /// `name%5Bkey%5D=a`: in the query.
    DeepObject,
}

impl ParameterStyle {
    /// The name in a document.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Label => "label",
            Self::Matrix => "matrix",
            Self::Form => "form",
            Self::SpaceDelimited => "spaceDelimited",
            Self::PipeDelimited => "pipeDelimited",
            Self::DeepObject => "deepObject",
        }
    }

    /// The style that a document names for a parameter in this place. A name that it cannot have there counts as none:
    /// the reader of the document has refused it.
    pub(super) fn parse(name: Option<&str>, place: ParameterIn) -> Self {
        match (place, name) {
            (ParameterIn::Path, Some("label")) => Self::Label,
            (ParameterIn::Path, Some("matrix")) => Self::Matrix,
            (ParameterIn::Path | ParameterIn::Header, _) => Self::Simple,
            (ParameterIn::Query, Some("spaceDelimited")) => Self::SpaceDelimited,
            (ParameterIn::Query, Some("pipeDelimited")) => Self::PipeDelimited,
            (ParameterIn::Query, Some("deepObject")) => Self::DeepObject,
            (ParameterIn::Query | ParameterIn::Cookie, _) => Self::Form,
        }
    }
}
