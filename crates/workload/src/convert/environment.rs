//! The environment in its three forms.

use domain::environment::Environment;

use crate::context::{Context, Place};
use crate::file::{self, EnvironmentMap, OneOrMore};

impl Context<'_> {
    pub(crate) fn environment(
        &mut self,
        place: &Place,
        wanted: Option<&file::Environment>,
    ) -> Environment {
        match wanted {
            None => Environment::default(),
            Some(file::Environment::Requirements(lines)) => {
                let lines = OneOrMore::More(lines.clone());
                let lines = self.fixed_texts(place, Some(&lines));
                let requirements = lines.into_iter().map(|(_, line)| line).collect();
                Environment::Python {
                    version: None,
                    requirements,
                    strict: false,
                }
            }
            Some(file::Environment::Map(map)) => self.environment_map(place, map),
        }
    }

    fn environment_map(&mut self, place: &Place, map: &EnvironmentMap) -> Environment {
        let text = |context: &mut Self, key: &str, text: Option<&file::Text>| {
            text.and_then(|text| context.fixed_text(&place.with(key), text))
        };
        let python = self.quantity(
            &place.with("python"),
            map.python.as_ref(),
            "a Python version such as `3.11`",
            |text| is_version(text).then(|| text.to_owned()),
        );
        if let Some(uri) = text(self, "image", map.image.as_ref()) {
            for (key, given) in [
                ("python", map.python.is_some()),
                ("requirements", map.requirements.is_some()),
                ("framework", map.framework.is_some()),
                ("version", map.version.is_some()),
            ] {
                if given {
                    let message = format!("`{key}` cannot stand beside `image`, which has it all");
                    self.key_mistake(&place.with(key), message);
                }
            }
            return Environment::Image { uri };
        }
        let requirements = self.requirements_of(&place.with("requirements"), map);
        let version = text(self, "version", map.version.as_ref());
        let strict = map.strict;
        if let Some(name) = text(self, "framework", map.framework.as_ref()) {
            return Environment::Framework {
                name,
                version,
                python,
                requirements,
                strict,
            };
        }
        if map.version.is_some() && map.framework.is_none() {
            let message = "`version` is the version of a `framework`; that of Python is `python`";
            self.key_mistake(&place.with("version"), message);
        }
        Environment::Python {
            version: python,
            requirements,
            strict,
        }
    }

    fn requirements_of(&mut self, place: &Place, map: &EnvironmentMap) -> Vec<String> {
        match &map.requirements {
            None => Vec::new(),
            Some(OneOrMore::One(name)) => match self.fixed_text(place, name) {
                Some(name) => self.requirements(place, &name).unwrap_or_default(),
                None => Vec::new(),
            },
            Some(lines @ OneOrMore::More(_)) => {
                let lines = self.fixed_texts(place, Some(lines));
                lines.into_iter().map(|(_, line)| line).collect()
            }
        }
    }
}

/// `3`, `3.11`, `3.11.4`.
fn is_version(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let number = |part: &&str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    parts.len() <= 3 && parts.iter().all(number)
}
