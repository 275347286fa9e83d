//! Rust source as a flat list of tokens: without comments, and without what only tests see.

use std::str::FromStr;

use proc_macro2::{Delimiter, Group, Spacing, Span, TokenStream, TokenTree};

use crate::error::{Failure, Result};

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An identifier or a keyword.
    Word(String),
    /// A literal as it is written, with its quotes.
    Literal(String),
    /// `::`
    Path,
    /// Any other sign.
    Sign(char),
    /// An opening bracket.
    Open(char),
    /// A closing bracket, named by the one that it closes.
    Close(char),
}

/// One token and the lines it stands on, counted from one.
#[derive(Clone, Debug)]
pub struct Token {
    pub kind: Kind,
    pub first: usize,
    pub last: usize,
}

impl Token {
    /// The word, if it is one.
    pub fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    pub fn is(&self, word: &str) -> bool {
        self.word() == Some(word)
    }
}

/// A file in another file's words: `mod name;`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    pub name: String,
    /// What `#[path]` says.
    pub path: Option<String>,
}

/// An item that is only compiled for tests.
#[derive(Clone, Debug)]
pub struct Cut {
    pub first: usize,
    pub last: usize,
    /// Where it is `mod name;`.
    pub file: Option<Declared>,
}

/// The code of one file.
#[derive(Clone, Debug, Default)]
pub struct Code {
    pub tokens: Vec<Token>,
    pub cuts: Vec<Cut>,
    /// Whether the file says of itself that it is only compiled for tests.
    pub test: bool,
}

impl Code {
    /// Reads a file's text.
    ///
    /// # Errors
    /// When it is no Rust.
    pub fn read(text: &str) -> Result<Self> {
        let stream = TokenStream::from_str(text)
            .map_err(|error| Failure::new(format!("this is no Rust: {error}")))?;
        let mut code = Self::default();
        code.take(stream);
        Ok(code)
    }

    fn take(&mut self, stream: TokenStream) {
        let trees: Vec<TokenTree> = stream.into_iter().collect();
        let mut at = 0;
        while let Some(tree) = trees.get(at) {
            if let Some((group, inner, after)) = attribute(&trees, at) {
                if is_doc_comment(tree) {
                    at = after;
                    continue;
                }
                if only_for_tests(group) {
                    if inner {
                        self.test = true;
                    } else {
                        let cut = cut(&trees, at, after);
                        at = cut.1;
                        self.cuts.push(cut.0);
                        continue;
                    }
                }
            }
            at += self.push(tree, trees.get(at + 1));
        }
    }

    /// Takes one tree, or two where two signs are one, and says how many.
    fn push(&mut self, tree: &TokenTree, next: Option<&TokenTree>) -> usize {
        let (first, last) = lines(tree);
        let mut add = |kind| self.tokens.push(Token { kind, first, last });
        match tree {
            TokenTree::Ident(ident) => add(Kind::Word(ident.to_string())),
            TokenTree::Literal(literal) => add(Kind::Literal(literal.to_string())),
            TokenTree::Punct(sign) if sign.as_char() == ':' && sign.spacing() == Spacing::Joint => {
                if matches!(next, Some(TokenTree::Punct(next)) if next.as_char() == ':') {
                    add(Kind::Path);
                    return 2;
                }
                add(Kind::Sign(':'));
            }
            TokenTree::Punct(sign) => add(Kind::Sign(sign.as_char())),
            TokenTree::Group(group) => self.push_group(group),
        }
        1
    }

    fn push_group(&mut self, group: &Group) {
        let bracket = match group.delimiter() {
            Delimiter::Parenthesis => '(',
            Delimiter::Brace => '{',
            Delimiter::Bracket => '[',
            Delimiter::None => return self.take(group.stream()),
        };
        self.push_bracket(Kind::Open(bracket), group.span_open());
        self.take(group.stream());
        self.push_bracket(Kind::Close(bracket), group.span_close());
    }

    fn push_bracket(&mut self, kind: Kind, span: Span) {
        self.tokens.push(Token {
            kind,
            first: span.start().line,
            last: span.end().line,
        });
    }
}

fn lines(tree: &TokenTree) -> (usize, usize) {
    let span = tree.span();
    (span.start().line, span.end().line)
}

/// The attribute that begins here: what it says, whether it is about what it stands in, and where it ends.
fn attribute(trees: &[TokenTree], at: usize) -> Option<(&Group, bool, usize)> {
    let sign = |at: usize, sign: char| matches!(trees.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == sign);
    if !sign(at, '#') {
        return None;
    }
    let inner = sign(at + 1, '!');
    let at = at + 1 + usize::from(inner);
    match trees.get(at) {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
            Some((group, inner, at + 1))
        }
        _ => None,
    }
}

/// A doc comment is read as an attribute, whose `#` then spans all of the comment.
fn is_doc_comment(sign: &TokenTree) -> bool {
    let span = sign.span();
    span.start().line != span.end().line || span.end().column - span.start().column > 1
}

fn only_for_tests(attribute: &Group) -> bool {
    let mut text = attribute.stream().to_string();
    text.retain(|c| !c.is_whitespace());
    text == "cfg(test)" || text.starts_with("cfg(all(test,")
}

/// The item whose attribute stands at `start`, and where the next one begins.
fn cut(trees: &[TokenTree], start: usize, mut at: usize) -> (Cut, usize) {
    let mut path = None;
    while let Some((group, _, after)) = attribute(trees, at) {
        path = path.or_else(|| path_of(group));
        at = after;
    }
    let words: Vec<String> = trees[at.min(trees.len())..]
        .iter()
        .filter(|tree| !matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis))
        .take(4)
        .map(ToString::to_string)
        .skip_while(|word| word == "pub")
        .collect();
    let word = |n: usize| words.get(n).map_or("", String::as_str);
    let is_function = ["fn", "unsafe", "async", "extern"].contains(&word(1));
    let by_semicolon =
        ["use", "static", "type", "let"].contains(&word(0)) || (word(0) == "const" && !is_function);
    let ends = |tree: &TokenTree| match tree {
        TokenTree::Punct(sign) => sign.as_char() == ';' || (sign.as_char() == ',' && !by_semicolon),
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && !by_semicolon,
        _ => false,
    };
    let end = trees[at.min(trees.len())..]
        .iter()
        .position(ends)
        .map_or(trees.len(), |n| at + n + 1);
    let last = trees.get(end - 1).map_or(0, |tree| lines(tree).1);
    let file = (word(0) == "mod" && word(2) == ";").then(|| Declared {
        name: word(1).to_owned(),
        path,
    });
    let first = lines(&trees[start]).0;
    (Cut { first, last, file }, end)
}

/// What `path = "…"` says.
fn path_of(attribute: &Group) -> Option<String> {
    let text = attribute.stream().to_string();
    let (name, value) = text.split_once('=')?;
    (name.trim() == "path").then(|| value.trim().trim_matches('"').to_owned())
}
