//! What declarations of the corpus are made of.

/// A kind of purpose: how it is named, what it is for, which data it takes, on which ground.
pub(crate) struct Kind {
    pub(crate) id: &'static str,
    pub(crate) verbs: &'static [&'static str],
    pub(crate) uses: &'static [&'static str],
    pub(crate) data: &'static [&'static str],
    pub(crate) basis: &'static str,
    /// How often people can switch it at all.
    pub(crate) with_setting: f64,
    pub(crate) core: bool,
}

const CONTENT: &[&str] = &["user.content.private", "user.content.public", "user.content", "user.content.self_image"];
const USAGE: &[&str] =
    &["user.behavior", "user.behavior.search_history", "user.behavior.media_consumption", "user.telemetry"];
const ACCOUNT: &[&str] =
    &["user.contact.email", "user.name", "user.account.username", "user.job_title", "user.workplace"];
const DEVICE: &[&str] = &["user.device.ip_address", "user.device.device_id", "user.device", "user.telemetry"];
const BUSINESS: &[&str] =
    &["user.contact.email", "user.payment", "user.contact.address", "user.behavior.purchase_history"];

pub(crate) const TRAINING: Kind = Kind {
    id: "train",
    verbs: &["Train", "Fine-tune", "Teach", "Train and evaluate"],
    uses: &[
        "train_ai_system",
        "train_ai_system.generative",
        "train_ai_system.recommender",
        "train_ai_system.fine_tune",
    ],
    data: CONTENT,
    basis: "consent",
    with_setting: 1.0,
    core: false,
};

pub(crate) const KINDS: &[(u32, Kind)] = &[
    (27, TRAINING),
    (
        20,
        Kind {
            id: "measure",
            verbs: &["Measure", "Count visits to", "Report on"],
            uses: &["analytics.reporting", "analytics.reporting.content_performance"],
            data: USAGE,
            basis: "consent",
            with_setting: 0.95,
            core: false,
        },
    ),
    (
        12,
        Kind {
            id: "advertise",
            verbs: &["Choose advertisements for", "Place advertisements in", "Target advertisements with"],
            uses: &["marketing.advertising.first_party.targeted", "marketing.advertising.first_party.contextual"],
            data: USAGE,
            basis: "consent",
            with_setting: 1.0,
            core: false,
        },
    ),
    (
        11,
        Kind {
            id: "protect",
            verbs: &["Detect abuse of", "Protect", "Watch access to"],
            uses: &["essential.service.security", "essential.fraud_detection"],
            data: DEVICE,
            basis: "legitimate_interests",
            with_setting: 0.0,
            core: true,
        },
    ),
    (
        12,
        Kind {
            id: "run",
            verbs: &["Run", "Synchronise", "Deliver"],
            uses: &["essential.service.operations", "essential.service", "essential.service.notifications.email"],
            data: ACCOUNT,
            basis: "contract",
            with_setting: 0.0,
            core: true,
        },
    ),
    (
        9,
        Kind {
            id: "personalise",
            verbs: &["Personalise", "Rank content in", "Adapt"],
            uses: &["personalize.content.profiled", "personalize.content.limited"],
            data: USAGE,
            basis: "consent",
            with_setting: 1.0,
            core: false,
        },
    ),
    (
        5,
        Kind {
            id: "improve",
            verbs: &["Study", "Compare versions of"],
            uses: &["functional.service.improve", "analytics.reporting.system.performance"],
            data: USAGE,
            basis: "legitimate_interests",
            with_setting: 1.0,
            core: false,
        },
    ),
    (
        4,
        Kind {
            id: "retain",
            verbs: &["Keep records of", "Answer requests about"],
            uses: &["essential.legal_obligation"],
            data: BUSINESS,
            basis: "legal_obligation",
            with_setting: 0.0,
            core: true,
        },
    ),
];

/// What a purpose is about, as an id and in words.
pub(crate) const OBJECTS: &[(&str, &str)] = &[
    ("summaries", "the summarisation model"),
    ("ranking", "the ranking model"),
    ("suggestions", "writing suggestions"),
    ("assistant", "the support assistant"),
    ("spam", "spam detection"),
    ("onboarding", "the onboarding flow"),
    ("search", "search results"),
    ("transcripts", "meeting transcripts"),
    ("templates", "document templates"),
    ("invoices", "invoice matching"),
    ("home_screen", "the mobile home screen"),
    ("dictation", "voice dictation"),
    ("captions", "image captions"),
    ("fraud_score", "the fraud score"),
    ("translation", "translation quality"),
];

pub(crate) const DEPARTMENTS: &[&str] = &[
    "crm",
    "billing",
    "support",
    "search",
    "ads",
    "mail",
    "docs",
    "identity",
    "payments",
    "hr",
    "analytics",
    "platform",
    "mobile",
    "growth",
    "trust",
];

pub(crate) const NOUNS: &[&str] = &[
    "gateway",
    "profile",
    "timeline",
    "ledger",
    "inbox",
    "assistant",
    "workbench",
    "catalog",
    "insights",
    "studio",
    "notes",
    "meetings",
    "directory",
    "recommender",
    "router",
    "archive",
    "console",
];

pub(crate) const COMPANIES: &[&str] = &[
    "Nordwind Systems",
    "Halden Cloud",
    "Larkspur Software",
    "Meridian Works",
    "Quayside Data",
    "Ostrava Digital",
    "Bluefern",
    "Tamarind Labs",
];

/// Who receives data: id, name, country, what allows the transfer.
pub(crate) const RECIPIENTS: &[(&str, &str, &str, Option<&str>)] = &[
    ("halden_cloud", "Halden Cloud EOOD", "BG", None),
    ("meridian_works", "Meridian Works GmbH", "DE", None),
    ("tamarind_labs", "Tamarind Labs Inc.", "US", Some("scc")),
    ("quayside_data", "Quayside Data Ltd", "GB", Some("adequacy")),
    ("bluefern", "Bluefern SAS", "FR", None),
    ("ostrava_digital", "Ostrava Digital s.r.o.", "CZ", None),
    ("larkspur_software", "Larkspur Software BV", "NL", None),
    ("nordwind_analytics", "Nordwind Analytics AS", "NO", None),
];

pub(crate) const SUBJECTS: &[&str] = &["customer", "member", "employee", "prospect", "visitor"];

/// Who writes `NO` without quotes gets Norway here, and a boolean from readers of YAML 1.1.
pub(crate) const NOTES: &[&str] = &[
    "reviewed by the privacy council",
    "to be confirmed with regional counsel",
    "default: on was considered here and rejected",
    "see DPIA-{n}",
    "use: train_ai_system moved to its own purpose",
    "EU: on is not allowed, see policy 4.2",
    "owner changed in the third quarter",
    "ticket PRIV-{n}",
];

pub(crate) const SENTENCE: &str = "we take the listed data to keep the feature correct and safe for the people who rely \
    on it every day the processing is described in the notice and can be changed on the settings page at any time by the \
    person concerned and records are kept only as long as the stated purpose needs them and then removed by a job that runs \
    each night";
