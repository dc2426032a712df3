use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize, PartialEq)]
struct One<T> {
    v: T,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Maybe<T> {
    v: Option<T>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct OrDefault<T: Default> {
    #[serde(default)]
    v: T,
}

#[derive(Debug, Deserialize, PartialEq, Default)]
struct Field {
    name: String,
    value: String,
}

#[derive(Debug, Deserialize, PartialEq, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Visibility {
    Public,
    Direct,
}

fn query<T: DeserializeOwned>(text: &str) -> Result<T, ParamError> {
    from_query(text).read::<One<T>>().map(|one| one.v)
}

fn json<T: DeserializeOwned>(document: &str) -> Result<T, ParamError> {
    from_json(document).read::<One<T>>().map(|one| one.v)
}

fn maybe<T: DeserializeOwned>(text: &str) -> Result<Option<T>, ParamError> {
    from_query(text).read::<Maybe<T>>().map(|maybe| maybe.v)
}

fn problem(name: &str, problem: Problem) -> ParamError {
    ParamError { name: name.to_owned(), problem }
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn field(name: &str, value: &str) -> Field {
    Field { name: name.to_owned(), value: value.to_owned() }
}

#[test]
fn booleans_are_taken_in_every_spelling_clients_use() {
    for text in ["true", "True", "TRUE", "1", "on", "t", "yes", "y", "+true+"] {
        assert_eq!(query(&format!("v={text}")), Ok(true), "{text}");
    }
    for text in ["false", "False", "0", "off", "f", "no", "N"] {
        assert_eq!(query(&format!("v={text}")), Ok(false), "{text}");
    }
    for (document, value) in [
        (r#"{"v":true}"#, true),
        (r#"{"v":false}"#, false),
        (r#"{"v":1}"#, true),
        (r#"{"v":0}"#, false),
        (r#"{"v":1.0}"#, true),
        (r#"{"v":"on"}"#, true),
        (r#"{"v":"0"}"#, false),
    ] {
        assert_eq!(json(document), Ok(value), "{document}");
    }
    assert_eq!(query("v=0&v=1"), Ok(true));
}

#[test]
fn what_is_no_boolean_is_told_by_name() {
    for text in ["2", "maybe", "-1", "null"] {
        assert_eq!(query::<bool>(&format!("v={text}")), Err(problem("v", Problem::NotBoolean)), "{text}");
    }
    for document in [r#"{"v":2}"#, r#"{"v":[true]}"#, r#"{"v":{}}"#] {
        assert_eq!(json::<bool>(document), Err(problem("v", Problem::NotBoolean)), "{document}");
    }
    assert_eq!(query::<bool>("v[]=1"), Err(problem("v", Problem::NotBoolean)));
}

#[test]
fn numbers_are_taken_from_text_and_json() {
    assert_eq!(query("v=20"), Ok(20_u8));
    assert_eq!(query("v=+20+"), Ok(20_u32));
    assert_eq!(query("v=-20"), Ok(-20_i64));
    assert_eq!(query("v=18446744073709551615"), Ok(u64::MAX));
    assert_eq!(query("v=-9223372036854775808"), Ok(i64::MIN));
    assert_eq!(query("v=170141183460469231731687303715884105727"), Ok(i128::MAX));
    assert_eq!(query("v=5.0"), Ok(5_u8));
    assert_eq!(query("v=0.5"), Ok(0.5_f64));
    assert_eq!(query("v=-0.5"), Ok(-0.5_f32));
    assert_eq!(json(r#"{"v":3600}"#), Ok(3600_u32));
    assert_eq!(json(r#"{"v":"3600"}"#), Ok(3600_u32));
    assert_eq!(json(r#"{"v":3600.0}"#), Ok(3600_u32));
    assert_eq!(json(r#"{"v":2}"#), Ok(2.0_f64));
}

#[test]
fn what_is_no_number_or_too_large_is_told_by_name() {
    for text in ["abc", "1x", "0x10", "1.5", "nan", "inf", "1_000", "--1", "1,5"] {
        assert_eq!(query::<u32>(&format!("v={text}")), Err(problem("v", Problem::NotNumber)), "{text}");
    }
    for text in ["256", "-1", "99999999999999999999999999999999999999999999", "1e300"] {
        assert_eq!(query::<u8>(&format!("v={text}")), Err(problem("v", Problem::OutOfRange)), "{text}");
    }
    assert_eq!(json::<u8>(r#"{"v":-1}"#), Err(problem("v", Problem::OutOfRange)));
    assert_eq!(json::<u8>(r#"{"v":1e300}"#), Err(problem("v", Problem::OutOfRange)));
    assert_eq!(json::<u8>(r#"{"v":true}"#), Err(problem("v", Problem::NotNumber)));
    for text in ["nan", "inf", "-infinity", "x"] {
        assert_eq!(query::<f64>(&format!("v={text}")), Err(problem("v", Problem::NotNumber)), "{text}");
    }
}

#[test]
fn text_is_taken_from_numbers_and_booleans_too() {
    for (document, text) in [
        (r#"{"v":"1"}"#, "1"),
        (r#"{"v":115094826283129443}"#, "115094826283129443"),
        (r#"{"v":18446744073709551615}"#, "18446744073709551615"),
        (r#"{"v":-5}"#, "-5"),
        (r#"{"v":1.5}"#, "1.5"),
        (r#"{"v":true}"#, "true"),
    ] {
        assert_eq!(json::<String>(document), Ok(text.to_owned()), "{document}");
    }
    assert_eq!(query::<String>("v=a&v=b"), Ok("b".to_owned()));
    assert_eq!(query::<char>("v=☕"), Ok('☕'));
    for document in [r#"{"v":[]}"#, r#"{"v":["a"]}"#, r#"{"v":{}}"#] {
        assert_eq!(json::<String>(document), Err(problem("v", Problem::NotText)), "{document}");
    }
}

#[test]
fn lists_are_taken_in_every_shape_clients_send() {
    for text in ["v[]=1&v[]=2", "v[0]=1&v[1]=2", "v[1]=2&v[0]=1", "v[7]=1&v[10]=2", "v=1&v=2"] {
        assert_eq!(query::<Vec<String>>(text), Ok(strings(&["1", "2"])), "{text}");
        assert_eq!(query::<Vec<u8>>(text), Ok(vec![1, 2]), "{text}");
    }
    assert_eq!(query::<Vec<String>>("v=X"), Ok(strings(&["X"])));
    for document in [r#"{"v":["1","2"]}"#, r#"{"v":[1,2]}"#, r#"{"v":{"0":1,"1":"2"}}"#] {
        assert_eq!(json::<Vec<String>>(document), Ok(strings(&["1", "2"])), "{document}");
    }
    assert_eq!(json::<Vec<String>>(r#"{"v":7}"#), Ok(strings(&["7"])));
    assert_eq!(json::<Vec<bool>>(r#"{"v":true}"#), Ok(vec![true]));
    assert_eq!(query::<(u8, String)>("v[]=1&v[]=b"), Ok((1, "b".to_owned())));
}

#[test]
fn an_empty_text_is_a_list_without_elements() {
    for text in ["v=", "v[]="] {
        assert_eq!(query::<Vec<String>>(text), Ok(Vec::new()), "{text}");
        assert_eq!(query::<Vec<u8>>(text), Ok(Vec::new()), "{text}");
    }
    assert_eq!(json::<Vec<u8>>(r#"{"v":{}}"#), Ok(Vec::new()));
    assert_eq!(query::<Vec<String>>("v[]=&v[]=a"), Ok(strings(&["", "a"])));
    assert_eq!(query::<Vec<u8>>("v[]=&v[]=1"), Ok(vec![1]));
}

#[test]
fn profile_fields_may_be_a_list_or_an_object_with_numbers_as_keys() {
    let expected = Ok(vec![field("a", "1"), field("b", "2")]);
    let form = "v[0][name]=a&v[0][value]=1&v[1][name]=b&v[1][value]=2";
    assert_eq!(query(form), expected);
    assert_eq!(query("v[][name]=a&v[][value]=1&v[][name]=b&v[][value]=2"), expected);
    assert_eq!(json(r#"{"v":[{"name":"a","value":1},{"name":"b","value":2}]}"#), expected);
    assert_eq!(json(r#"{"v":{"1":{"name":"b","value":2},"0":{"name":"a","value":1}}}"#), expected);
    assert_eq!(json(r#"{"v":{"name":"a","value":1}}"#), Ok(vec![field("a", "1")]));
}

#[test]
fn objects_become_structs_and_maps() {
    assert_eq!(query("v[name]=a&v[value]=b&v[other]=c"), Ok(field("a", "b")));
    let alerts = BTreeMap::from([("follow".to_owned(), true), ("poll".to_owned(), false)]);
    assert_eq!(query("v[follow]=on&v[poll]=0"), Ok(alerts));
    assert_eq!(query("v[1]=a&v[20]=b"), Ok(HashMap::from([(1_u8, "a".to_owned()), (20, "b".to_owned())])));
    assert_eq!(query::<Field>("v=a"), Err(problem("v", Problem::NotObject)));
    assert_eq!(query::<Field>("v[]=a"), Err(problem("v", Problem::NotObject)));
}

#[test]
fn enums_are_read_by_name() {
    assert_eq!(query("v=direct"), Ok(Visibility::Direct));
    assert_eq!(json(r#"{"v":"public"}"#), Ok(Visibility::Public));
    assert_eq!(query::<Visibility>("v=secret"), Err(problem("v", Problem::NotOneOf(&["public", "direct"]))));
    assert_eq!(maybe::<Visibility>("v="), Ok(None));

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Target {
        List(u8),
        Tag { name: String },
    }
    assert_eq!(query("v[list]=3"), Ok(Target::List(3)));
    assert_eq!(query("v[tag][name]=cats"), Ok(Target::Tag { name: "cats".to_owned() }));
    assert_eq!(query::<Target>("v[list]=x"), Err(problem("v[list]", Problem::NotNumber)));
    assert!(query::<Target>("v=list").is_err());
}

#[test]
fn null_and_absence_are_none() {
    for document in ["{}", r#"{"v":null}"#] {
        assert_eq!(from_json(document).read::<Maybe<u8>>(), Ok(Maybe { v: None }));
        assert_eq!(from_json(document).read::<Maybe<String>>(), Ok(Maybe { v: None }));
        assert_eq!(from_json(document).read::<Maybe<Field>>(), Ok(Maybe { v: None }));
        assert_eq!(from_json(document).read::<OrDefault<Vec<String>>>(), Ok(OrDefault { v: Vec::new() }));
        assert_eq!(from_json(document).read::<OrDefault<bool>>(), Ok(OrDefault { v: false }));
        assert_eq!(from_json(document).read::<One<String>>(), Err(problem("v", Problem::Missing)));
    }
    assert_eq!(json::<Vec<String>>(r#"{"v":["a",null,"b"]}"#), Ok(strings(&["a", "b"])));
    assert_eq!(json::<Vec<Option<u8>>>(r#"{"v":[1,null]}"#), Ok(vec![Some(1), None]));
}

#[test]
fn an_empty_text_is_a_text_where_text_is_wanted_and_nothing_elsewhere() {
    assert_eq!(maybe::<String>("v="), Ok(Some(String::new())));
    assert_eq!(maybe::<bool>("v="), Ok(None));
    assert_eq!(maybe::<u32>("v="), Ok(None));
    assert_eq!(maybe::<f64>("v="), Ok(None));
    assert_eq!(maybe::<Field>("v="), Ok(None));
    assert_eq!(maybe::<chrono::DateTime<chrono::Utc>>("v="), Ok(None));
    assert_eq!(maybe::<Vec<u8>>("v="), Ok(Some(Vec::new())));
    assert_eq!(from_query("v=").read::<OrDefault<u8>>(), Ok(OrDefault { v: 0 }));
    assert_eq!(query::<u8>("v="), Err(problem("v", Problem::Missing)));
    assert_eq!(query::<String>("v="), Ok(String::new()));
}

#[test]
fn several_empty_values_at_any_depth_are_all_nothing() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Poll {
        expires_in: Option<u32>,
        multiple: Option<bool>,
        options: Vec<String>,
    }
    let poll: Poll = query("v[expires_in]=&v[multiple]=&v[options][]=a&v[options][]=").unwrap();
    assert_eq!(poll, Poll { expires_in: None, multiple: None, options: strings(&["a", ""]) });
    let polls: Vec<Maybe<u8>> = query("v[0][v]=&v[1][v]=2&v[2][v]=").unwrap();
    assert_eq!(polls, [Maybe { v: None }, Maybe { v: Some(2) }, Maybe { v: None }]);
}

#[test]
fn a_flood_of_empty_values_ends_in_an_error() {
    let mut flood = vec!["v[]="; 200];
    flood.push("v[]=1");
    assert_eq!(query::<Vec<u8>>(&flood.join("&")), Err(problem("v[0]", Problem::NotNumber)));
    let few = [&flood[..60], &["v[]=1"]].concat();
    assert_eq!(query::<Vec<u8>>(&few.join("&")), Ok(vec![1]));
}

#[test]
fn unknown_parameters_are_ignored() {
    assert_eq!(query::<u8>("v=1&w=2&x[y][]=3&_method=put"), Ok(1));
    assert_eq!(json::<u8>(r#"{"v":1,"w":{"x":[null]}}"#), Ok(1));
}

#[test]
fn a_problem_names_the_parameter_as_a_form_would() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Filter {
        keywords: Vec<Keyword>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Keyword {
        keyword: String,
        whole_word: bool,
    }
    let read = |text: &str| query::<Filter>(text).unwrap_err();
    let not_boolean = read("v[keywords][0][keyword]=a&v[keywords][0][whole_word]=x");
    assert_eq!(not_boolean, problem("v[keywords][0][whole_word]", Problem::NotBoolean));
    assert_eq!(not_boolean.to_string(), "v[keywords][0][whole_word] is not a boolean");
    let missing = read("v[keywords][][keyword]=a&v[keywords][][whole_word]=1&v[keywords][][keyword]=b");
    assert_eq!(missing, problem("v[keywords][1][whole_word]", Problem::Missing));
    assert_eq!(read("v[a]=1"), problem("v[keywords]", Problem::Missing));
    assert_eq!(query::<Filter>("a=1"), Err(problem("v", Problem::Missing)));
    assert_eq!(json::<Vec<u8>>(r#"{"v":[1,"x"]}"#), Err(problem("v[1]", Problem::NotNumber)));
    assert_eq!(query::<Vec<u8>>("v=x"), Err(problem("v", Problem::NotNumber)));
    assert_eq!(query::<BTreeMap<u8, String>>("v[x]=1"), Err(problem("v[x]", Problem::NotNumber)));
}

#[test]
fn what_a_type_refuses_in_its_own_words_is_passed_on() {
    let refused = query::<chrono::DateTime<chrono::Utc>>("v=tomorrow").unwrap_err();
    assert_eq!(refused.name, "v");
    assert!(matches!(refused.problem, Problem::Refused(_)));
    let short = query::<(u8, u8)>("v[]=1").unwrap_err();
    assert!(matches!(short.problem, Problem::Refused(_)));
}

#[test]
fn the_same_thing_under_two_names_is_told() {
    #[derive(Debug, Deserialize)]
    struct Aliased {
        #[serde(alias = "w")]
        #[expect(dead_code)]
        v: u8,
    }
    assert_eq!(from_query("v=1&w=2").read::<Aliased>().unwrap_err(), problem("v", Problem::Duplicate));
}

#[test]
fn arbitrary_data_arrives_as_it_was_sent() {
    let document = r#"{"v":{"a":[1,-2,0.5,null,true,""],"b":{"c":"d"}}}"#;
    let expected: Value = serde_json::from_str(document).unwrap();
    assert_eq!(json::<Value>(document), Ok(expected["v"].clone()));
    assert_eq!(query::<Value>("v[a][]=1&v[a][]=&v[b]=x&v[b]=y"), Ok(json!({ "a": ["1", ""], "b": "y" })));
}

#[test]
fn a_type_can_be_read_in_two_parts() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Page {
        limit: Option<u8>,
    }
    let params = from_query("limit=5&v=1");
    assert_eq!(params.read::<Page>(), Ok(Page { limit: Some(5) }));
    assert_eq!(params.read::<One<bool>>(), Ok(One { v: true }));
    assert_eq!(params.read::<()>(), Ok(()));
}
