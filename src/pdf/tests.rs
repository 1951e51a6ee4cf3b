//! PDFs made by hand, some of them to do harm.

use lopdf::{Dictionary, Document, Object, SaveOptions, Stream, dictionary};

use super::{attachments, page_texts};

/// A document of one page, in the first font of which the codes 1 to 26 are small letters, and 32 a space.
fn document(content: &str) -> Document {
    let mut document = Document::with_version("1.7");
    let map = "2 beginbfrange <0001> <001A> <0061> <0020> <0020> <0020> endbfrange";
    let map = document.add_object(Stream::new(Dictionary::new(), map.as_bytes().to_vec()));
    let inside = dictionary! { "Type" => "Font", "Subtype" => "CIDFontType2", "DW" => 500 };
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type0", "Encoding" => "Identity-H", "ToUnicode" => map,
        "DescendantFonts" => vec![Object::Dictionary(inside)],
    });
    let plain = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
    });
    let content = document.add_object(Stream::new(Dictionary::new(), content.as_bytes().to_vec()));
    let fonts = dictionary! { "A" => font, "B" => plain };
    let form = document.new_object_id();
    let resources = dictionary! { "Font" => fonts, "XObject" => dictionary! { "F" => form } };
    let form_stream = Stream::new(
        dictionary! { "Type" => "XObject", "Subtype" => "Form", "Resources" => resources.clone() },
        b"BT /A 10 Tf 0 300 Td <001A> Tj ET /F Do".to_vec(),
    );
    document.objects.insert(form, Object::Stream(form_stream));
    let pages = document.new_object_id();
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content, "Resources" => resources,
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
    });
    let tree = dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 };
    document.objects.insert(pages, Object::Dictionary(tree));
    let catalogue = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalogue);
    document
}

fn bytes(mut document: Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

fn text(content: &str) -> String {
    page_texts(&bytes(document(content))).unwrap().concat()
}

fn attach(document: &mut Document, name: &str, content: &[u8]) -> Object {
    let stream = document.add_object(Stream::new(Dictionary::new(), content.to_vec()));
    let file = dictionary! {
        "Type" => "Filespec", "UF" => Object::string_literal(name), "EF" => dictionary! { "F" => stream },
    };
    Object::Reference(document.add_object(file))
}

fn with_names(document: &mut Document, names: Dictionary) {
    let names = document.add_object(names);
    let catalogue = document.catalog_mut().unwrap();
    catalogue.set("Names", dictionary! { "EmbeddedFiles" => names });
}

#[test]
fn gaps_are_spaces_and_steps_are_lines() {
    assert_eq!(text("BT /A 10 Tf 0 0 Td [<0001> -50 <0002> -200 <0003>] TJ 0 -12 Td <0004> Tj ET"), "ab c\nd");
    assert_eq!(text("BT /A 10 Tf <00010020> Tj ET BT 1 0 0 1 10 0 Tm /A 10 Tf <0002> Tj ET"), "a b");
    assert_eq!(text("BT /A 10 Tf 0 0 Td <0001> Tj 1 0 0 1 5 3 Tm <0002> Tj ET"), "ab", "a raised sign");
    assert_eq!(text("BT /A 10 Tf 1 0 0 1 90 0 Tm <0001> Tj 1 0 0 1 0 0 Tm <0002> Tj ET"), "a\nb", "back in the line");
    assert_eq!(text("BT /A 10 Tf 0 1 -1 0 9 9 Tm <00010002> Tj ET BT /A 10 Tf <0003> Tj ET"), "ab\nc", "turned");
    assert_eq!(text("2 0 0 2 0 0 cm BT /A 10 Tf 12 TL <0001> Tj T* <0002> Tj (x) ' ET"), "a\nb\n\u{fffd}");
}

#[test]
fn a_sign_reads_as_the_document_says() {
    let spoken = "BT /A 10 Tf <0001> Tj /Span <</ActualText (7%)>> BDC <00020003> Tj EMC <0004> Tj ET";
    assert_eq!(text(spoken), "a7%d");
    let nested = "/P BMC BT /A 10 Tf /Span <</ActualText <FEFF00BD>>> BDC /Q BMC <0001> Tj EMC <0002> Tj EMC EMC EMC <0003> Tj ET";
    assert_eq!(text(nested), "½c");
}

#[test]
fn a_simple_font_reads_by_its_encoding() {
    assert_eq!(text("BT /B 10 Tf (caf\\351 9%) Tj ET"), "café 9%");
}

#[test]
fn a_form_that_draws_itself_comes_to_an_end() {
    let found = text("/F Do BT /A 10 Tf <0001> Tj ET");
    assert!(found.ends_with('a') && found.matches('z').count() == super::DEEPEST, "{found}");
}

#[test]
fn a_form_that_doubles_at_each_level_is_refused() {
    let mut one = document("/F Do");
    for object in one.objects.values_mut() {
        if let Object::Stream(form) = object
            && form.content.ends_with(b"/F Do")
            && form.dict.has(b"Resources")
        {
            form.set_plain_content(b"/F Do /F Do".to_vec());
        }
    }
    let words = page_texts(&bytes(one)).unwrap_err().to_string();
    assert!(words.contains("draws too much"), "{words}");
}

#[test]
fn attachments_are_found_in_all_branches_and_a_circle_ends() {
    let mut one = document("");
    let (a, b) = (attach(&mut one, "a.json", b"{}"), attach(&mut one, "b.json", b"[1]"));
    let branch = one.new_object_id();
    let names = dictionary! {
        "Names" => vec![Object::string_literal("b"), b], "Kids" => vec![branch.into()],
    };
    one.objects.insert(branch, Object::Dictionary(names));
    with_names(
        &mut one,
        dictionary! { "Kids" => vec![branch.into(), branch.into()], "Names" => vec![Object::string_literal("a"), a, Object::Null] },
    );
    let found = attachments(&bytes(one)).unwrap();
    assert_eq!(found, [("a.json".to_string(), b"{}".to_vec()), ("b.json".to_string(), b"[1]".to_vec())]);
    assert_eq!(attachments(&bytes(document(""))).unwrap(), []);
}

#[test]
fn what_is_no_pdf_is_a_problem() {
    for content in [&b""[..], b"PK\x03\x04", b"%PDF-1.7\n", b"%PDF-1.7\nstartxref\n9\n%%EOF", &[0xff; 5000]] {
        for problems in [attachments(content).unwrap_err(), page_texts(content).unwrap_err()] {
            assert_eq!((problems.0[0].code, problems.exit_code()), ("pdf-unreadable", 2));
        }
    }
}

#[test]
fn a_stream_that_swells_is_refused() {
    let mut one = document("");
    let mut swelling = Stream::new(Dictionary::new(), vec![b' '; super::LARGEST_STREAM + 1]);
    swelling.compress().unwrap();
    let content = one.add_object(swelling);
    let page = one.page_iter().next().unwrap();
    one.get_dictionary_mut(page).unwrap().set("Contents", content);
    let words = page_texts(&bytes(one)).unwrap_err().to_string();
    assert!(words.contains("more than 64 MiB"), "{words}");
}

/// A document with everything that the reader looks at, packed into object streams as typesetters do.
fn rich() -> Vec<u8> {
    let mut one = document(
        "q BT /A 10 Tf [<0001> -300 <0002>] TJ ET Q /F Do /Span <</ActualText (x)>> BDC BT /B 9 Tf (y) Tj ET EMC",
    );
    let file = attach(&mut one, "figures.json", br#"{"figures": []}"#);
    with_names(&mut one, dictionary! { "Names" => vec![Object::string_literal("f"), file] });
    let mut bytes = Vec::new();
    let options = SaveOptions::builder().use_object_streams(true).use_xref_streams(true).build();
    one.save_with_options(&mut bytes, options).unwrap();
    bytes
}

#[test]
fn object_streams_are_read() {
    assert!(page_texts(&rich()).unwrap()[0].starts_with("a b\nz"));
    assert_eq!(attachments(&rich()).unwrap()[0].0, "figures.json");
}

#[test]
fn a_damaged_pdf_is_read_or_refused_and_nothing_else() {
    for whole in [rich(), bytes(document("BT /A 10 Tf <0001> Tj ET"))] {
        let mut state = 20260621u64;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as usize % below
        };
        for round in 0..1500 {
            let mut bytes = whole.clone();
            for _ in 0..1 + round % 8 {
                let at = next(bytes.len());
                match next(4) {
                    0 => bytes[at] = next(256) as u8,
                    1 => bytes.truncate(at.max(1)),
                    2 => bytes[at] = b"0123456789<>[]()/ R"[next(19)],
                    _ => {
                        let from = next(bytes.len());
                        let piece = bytes[from..bytes.len().min(from + 40)].to_vec();
                        bytes.splice(at..at, piece);
                    }
                }
            }
            let _ = (attachments(&bytes), page_texts(&bytes));
        }
    }
}
